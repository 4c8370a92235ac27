#pragma once
#include <string>

// What g++ cannot be taught by macros: `extern __shared__ T name[]` becomes EMULATED_DYNAMIC_SHARED(T, name), and each
// kernel is followed, on the line its body ends on, by EMULATED_KERNEL(name, launch bounds). Lines stay where they are.
std::string translate(const std::string &source);
