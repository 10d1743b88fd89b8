"""The page about choices: banners shown, accepted, refused, ignored; and events not recorded."""
