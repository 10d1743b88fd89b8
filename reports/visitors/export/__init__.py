"""A visitor's file: all that any table holds of a visitor, as JSON, CSV, a workbook or a page."""
