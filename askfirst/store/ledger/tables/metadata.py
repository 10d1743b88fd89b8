"""The metadata of the ledger's tables.

Times in them are whole milliseconds since the epoch, in UTC, by the server's clock.
"""

from sqlalchemy import MetaData

metadata = MetaData()
