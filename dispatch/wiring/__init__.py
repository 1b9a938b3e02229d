"""The only room that knows everybody: it puts the city together and starts its processes."""
