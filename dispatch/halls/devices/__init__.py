"""A hall's machines: boards, kiosks, window callers, printers, rating pads.

Knows: which machines a hall has, what each can do, how it is and when it was last heard.
Decides: who a machine's token belongs to, whether two machines use one token, whether a kiosk can do an item.
Announces: DevicePaired, DeviceRevoked, DeviceCloned, DeviceFault, HelpWanted. Asks nobody; its times are real time.
"""
