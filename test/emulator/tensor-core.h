#pragma once
// D += A · B over the fragments of a warp: see kernels/lib/ptx.cuh. Operands are EmulatedMma.
void mmaBf16(void **operands, unsigned int lanes);
void mmaF16(void **operands, unsigned int lanes);
