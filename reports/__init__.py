"""The pages of staff: sign-in, sites, wording, reports, visitors, and exported files."""
