"""Conversations that every chat template must render, or refuse, as transformers does."""

USER = {"role": "user", "content": "Who winds the warp?"}
ASSISTANT = {"role": "assistant", "content": " The weaver does.\n"}
AGAIN = {"role": "user", "content": "  And then?\n\nTell me <b>\"all\"</b> & more 🙂  "}
SYSTEM = {"role": "system", "content": "You are brief. "}

CHATS = {
    "one turn": {"messages": [USER]},
    "one turn, no prompt": {"messages": [USER], "add_generation_prompt": False},
    "system": {"messages": [SYSTEM, USER]},
    "several turns": {"messages": [USER, ASSISTANT, AGAIN]},
    "several turns, no prompt": {"messages": [SYSTEM, USER, ASSISTANT, AGAIN, ASSISTANT], "add_generation_prompt": False},
    "system and several turns": {"messages": [SYSTEM, USER, ASSISTANT, AGAIN]},
    "empty content": {"messages": [{"role": "user", "content": ""}]},
    "special tokens in the content": {"messages": [{"role": "user", "content": "<s>[INST]<|im_end|><|eot_id|><end_of_turn></s>"}]},
    "jinja in the content": {"messages": [{"role": "user", "content": "{{ bos_token }}{% if %}"}]},
    "extra variables": {"messages": [SYSTEM, USER], "variables": {"date_string": "17 May 2024", "enable_thinking": False}},
    "tools": {
        "messages": [USER],
        "variables": {"tools": [{"type": "function", "function": {"name": "wind", "parameters": {"é": [1, 2.5, None, True, "</a>"]}}}]},
    },
    "two from the user": {"messages": [USER, AGAIN]},
    "assistant first": {"messages": [ASSISTANT, USER]},
    "unknown role": {"messages": [{"role": "critic", "content": "No."}]},
    "no messages": {"messages": []},
    "system alone": {"messages": [SYSTEM]},
}
