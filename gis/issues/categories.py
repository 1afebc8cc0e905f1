"""What issues are about: the list that a report chooses from."""

from collections.abc import Mapping

from gis.messages import Message, say

CATEGORIES: Mapping[str, Message] = {
    "环境卫生": say("Sanitation"),
    "矛盾纠纷": say("Disputes"),
    "安全隐患": say("Safety hazard"),
    "公共设施": say("Public facilities"),
    "民生服务": say("Daily needs"),
    "治安防控": say("Public order"),
    "违章搭建": say("Illegal building"),
    "社情民意": say("Public opinion"),
    "政策宣传": say("Policy publicity"),
    "疫情防控": say("Epidemic control"),
    "突发事件": say("Emergency"),
    "其他": say("Other"),
}
"""A deployment's words for its issues, as they are stored, and how they are said."""
