"""The parts of `benchmarks.reports`: what is asked, the same by hand, and what runs meanwhile."""
