"""The figures of any list: visitors, visits, views, bounces and reading time by a column."""
