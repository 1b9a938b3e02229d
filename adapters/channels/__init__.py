"""Keepers of channel sources: a system behind HTTP, and a pretend one that makes up a city's use of its channels."""
