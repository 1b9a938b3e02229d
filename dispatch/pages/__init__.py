"""One folder per person at a screen, and one for programs (`api`)."""
