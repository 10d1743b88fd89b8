"""`askfirst demo`: a made-up website, its visitors and the past of a year."""
