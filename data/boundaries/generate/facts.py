"""What is real: the names and the statistical codes. SOURCES.md tells where they are from."""

TOWNSHIP = ("340302200", "李楼乡", "Lilou Township")

VILLAGES = {
    "340302200200": ("李楼村", "Lilou Village"),
    "340302200201": ("黄巷村", "Huangxiang Village"),
    "340302200202": ("山王村", "Shanwang Village"),
    "340302200203": ("汪圩村", "Wangwei Village"),
    "340302200204": ("大卢村", "Dalu Village"),
    "340302200205": ("韩葛村", "Hange Village"),
    "340302200206": ("红塔村", "Hongta Village"),
    "340302200207": ("曹巷村", "Caoxiang Village"),
    "340302200208": ("张巷村", "Zhangxiang Village"),
    "340302200209": ("太平村", "Taiping Village"),
    "340302200210": ("黄郢村", "Huangying Village"),
    "340302200211": ("贾庵村", "Jia'an Village"),
    "340302200212": ("八里岗村", "Baligang Village"),
    "340302200213": ("朝阳村", "Chaoyang Village"),
    "340302200214": ("老山村", "Laoshan Village"),
    "340302200500": ("七里湖果园场生活区", "Qilihu Orchard"),
}
"""Code to name, and the name in Latin letters (that one is ours)."""
