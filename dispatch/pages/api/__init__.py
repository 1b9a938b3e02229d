"""The public interface, version 1: JSON for citizens' apps, staff programs, devices and other systems."""
