"""The outside, kept out: one folder for each promise of `dispatch.ports`, each with a true keeper and a pretend one."""
