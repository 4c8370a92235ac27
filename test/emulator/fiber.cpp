#include "fiber.h"
#include <cstdint>

#ifdef __x86_64__
extern "C" void emulatedSwitch(void **from, void *to);
// The registers that a function must keep go onto the stack that is left and come from the one that is entered.
asm(R"(
.text
.type emulatedSwitch, @function
.hidden emulatedSwitch
emulatedSwitch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emulatedSwitch, .-emulatedSwitch
)");

void Fiber::prepare(void *stack, size_t bytes, void (*entry)()) {
  // At a function's first instruction 16 divides the stack pointer plus 8: the return address lies there.
  void **top = (void **)((uintptr_t)stack + bytes);
  *--top = nullptr;
  *--top = (void *)entry;
  for (int i = 0; i < 6; i++) *--top = nullptr;
  stackPointer = top;
}

void Fiber::resume(Fiber &from) { emulatedSwitch(&from.stackPointer, stackPointer); }
#else
void Fiber::prepare(void *stack, size_t bytes, void (*entry)()) {
  getcontext(&context);
  context.uc_stack.ss_sp = stack;
  context.uc_stack.ss_size = bytes;
  context.uc_link = nullptr;
  makecontext(&context, entry, 0);
}

void Fiber::resume(Fiber &from) { swapcontext(&from.context, &context); }
#endif
