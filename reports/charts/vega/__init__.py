"""Charts in Vega-Lite, written with Altair: one definition for files and for the interactive chart.

Only what draws such a chart imports these files: Altair takes half a second and some 40 MiB.
"""
