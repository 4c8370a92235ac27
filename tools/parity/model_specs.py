"""The tiny models: one row a family, with what sets that family apart turned on and large enough to matter."""

COMMON = {"bos_token_id": 1, "eos_token_id": 2, "max_position_embeddings": 256, "num_hidden_layers": 2}

# prompt: tokens whose logits are written. store: the type on disk (logits are always float32, of the weights as stored).
# legacy: how the same config reads before transformers 5; see configs.py.
MODELS = {
    "llama2": {
        "config": "LlamaConfig", "prompt": 56, "store": "float32", "shards": "110KB",
        "fields": {
            "vocab_size": 288, "hidden_size": 48, "intermediate_size": 88, "num_attention_heads": 3,
            "num_key_value_heads": 3, "rms_norm_eps": 1e-5,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
        },
    },
    "llama3": {
        # Wavelengths in tokens are 6.3, 23, 84, …: those below 8 are kept, those above 32 get 8 times longer, 23 is blended.
        "config": "LlamaConfig", "prompt": 64, "store": "float32",
        "fields": {
            "vocab_size": 288, "hidden_size": 48, "intermediate_size": 96, "num_attention_heads": 3,
            "num_key_value_heads": 1, "rms_norm_eps": 1e-5, "eos_token_id": [2, 3, 4],
            "rope_parameters": {
                "rope_type": "llama3", "rope_theta": 32000.0, "factor": 8.0, "low_freq_factor": 1.0,
                "high_freq_factor": 4.0, "original_max_position_embeddings": 32,
            },
        },
        "generation": {"do_sample": True, "temperature": 0.6, "top_p": 0.9},
    },
    "llama-linear": {
        "config": "LlamaConfig", "prompt": 48, "store": "float32",
        "fields": {
            "vocab_size": 256, "hidden_size": 32, "intermediate_size": 80, "num_attention_heads": 2,
            "num_key_value_heads": 1, "rms_norm_eps": 1e-6, "num_hidden_layers": 3,
            "rope_parameters": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0},
        },
    },
    "llama-yarn": {
        "config": "LlamaConfig", "prompt": 72, "store": "float32",
        "fields": {
            "vocab_size": 256, "hidden_size": 48, "intermediate_size": 72, "num_attention_heads": 2,
            "num_key_value_heads": 1, "head_dim": 32, "rms_norm_eps": 1e-5,
            "rope_parameters": {
                "rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 64,
            },
        },
    },
    "llama-tied": {
        "config": "LlamaConfig", "prompt": 48, "store": "float32",
        "fields": {
            "vocab_size": 320, "hidden_size": 48, "intermediate_size": 128, "num_attention_heads": 3,
            "num_key_value_heads": 1, "rms_norm_eps": 1e-5, "tie_word_embeddings": True,
            "rope_parameters": {"rope_type": "default", "rope_theta": 500000.0},
        },
    },
    "mistral": {
        "config": "MistralConfig", "prompt": 64, "store": "float32",
        "fields": {
            "vocab_size": 256, "hidden_size": 64, "intermediate_size": 44, "num_attention_heads": 4,
            "num_key_value_heads": 2, "rms_norm_eps": 1e-5, "sliding_window": 20,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
        },
    },
    "qwen2": {
        "config": "Qwen2Config", "prompt": 64, "store": "bfloat16",
        "fields": {
            "vocab_size": 320, "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4,
            "num_key_value_heads": 2, "rms_norm_eps": 1e-6, "bos_token_id": 1, "eos_token_id": 2,
            "sliding_window": None, "use_sliding_window": False,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1000000.0},
        },
        "generation": {
            "do_sample": True, "temperature": 0.7, "top_p": 0.8, "top_k": 20, "repetition_penalty": 1.05,
            "eos_token_id": [2, 1],
        },
    },
    "qwen3": {
        "config": "Qwen3Config", "prompt": 64, "store": "float16",
        "fields": {
            "vocab_size": 256, "hidden_size": 64, "intermediate_size": 96, "num_attention_heads": 4,
            "num_key_value_heads": 2, "head_dim": 32, "rms_norm_eps": 1e-6, "sliding_window": None,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1000000.0},
        },
        "generation": {"do_sample": True, "temperature": 0.6, "top_p": 0.95, "top_k": 20, "min_p": 0.02},
    },
    "gemma3": {
        "config": "Gemma3TextConfig", "prompt": 72, "store": "float32",
        "fields": {
            "vocab_size": 288, "hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2,
            "num_key_value_heads": 1, "head_dim": 16, "rms_norm_eps": 1e-6, "num_hidden_layers": 6,
            "hidden_activation": "gelu_pytorch_tanh", "query_pre_attn_scalar": 24, "sliding_window": 20,
            "layer_types": ["sliding_attention", "sliding_attention", "full_attention"] * 2,
            "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": [1, 3],
            "tie_word_embeddings": True,
            "rope_parameters": {
                "sliding_attention": {"rope_type": "default", "rope_theta": 1000.0},
                "full_attention": {"rope_type": "linear", "rope_theta": 100000.0, "factor": 4.0},
            },
        },
        "generation": {"do_sample": True, "top_k": 64, "top_p": 0.95},
    },
    "llama-bias": {
        "config": "LlamaConfig", "prompt": 48, "store": "float32",
        "fields": {
            "vocab_size": 256, "hidden_size": 48, "intermediate_size": 80, "num_attention_heads": 3,
            "num_key_value_heads": 3, "rms_norm_eps": 1e-5, "attention_bias": True, "mlp_bias": True,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
        },
    },
    "qwen2-sliding": {
        # The first layer sees everything, the others a window.
        "config": "Qwen2Config", "prompt": 64, "store": "float32",
        "fields": {
            "vocab_size": 256, "hidden_size": 48, "intermediate_size": 48, "num_attention_heads": 3,
            "num_key_value_heads": 1, "rms_norm_eps": 1e-6, "num_hidden_layers": 3,
            "sliding_window": 20, "use_sliding_window": True, "max_window_layers": 1,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
        },
    },
}
