"""The overview on paper: a PDF of real text, made without a browser.

Only who makes one imports these files: fpdf2 and its fonts take a third of a second and 30 MiB.
"""
