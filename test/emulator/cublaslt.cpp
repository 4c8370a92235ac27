// libcublasLt.so.13: D = α · op(A) · op(B) + β · C, with a bias, in plain loops. Matrices are column-major.
#include "numbers.h"
#include <cstddef>
#include <memory>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

// The emulated driver's.
extern "C" int emulatedEnqueue(void *stream, const char *what, int (*function)(const void *), const void *data,
                               size_t bytes);
extern "C" bool emulatedReachable(uint64_t address, size_t bytes);

// cublasStatus_t
enum { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };
// cudaDataType_t
enum { F32 = 0, F16 = 2, BF16 = 14 };
// cublasComputeType_t
enum { COMPUTE_32F = 68 };
// cublasLtEpilogue_t
enum { EPILOGUE_DEFAULT = 1, EPILOGUE_BIAS = 4 };
const int ILLEGAL_ADDRESS = 700;

struct Handle {
  int unused;
};
struct Operation {
  int scaleType = F32, transposeA = 0, transposeB = 0, epilogue = EPILOGUE_DEFAULT, biasType = -1;
  uint64_t bias = 0;
};
struct Layout {
  int type;
  uint64_t rows, columns;
  int64_t stride;
};
struct Preference {
  uint64_t workspaceBytes = 0;
};
struct Proposal {
  uint64_t algorithm[8];
  size_t workspaceBytes;
  int status;
  float waves;
  int unused[4];
};
static_assert(sizeof(Proposal) == 96, "cublasLtMatmulHeuristicResult_t");
// The first word of an algorithm that was proposed here.
const uint64_t ALGORITHM = 0x6d756c7469706c79;

struct Problem {
  Operation operation;
  Layout a, b, c, d;
  float alpha, beta;
  uint64_t pa, pb, pc, pd;
};

static size_t elementBytes(int type) { return type == F32 ? 4 : 2; }
static bool isType(int type) { return type == F32 || type == F16 || type == BF16; }

static float load(uint64_t base, int type, size_t index) {
  if (type == F32) return ((const float *)base)[index];
  uint16_t bits = ((const uint16_t *)base)[index];
  return type == F16 ? f16ToFloat(bits) : bf16ToFloat(bits);
}
static void store(uint64_t base, int type, size_t index, float value) {
  if (type == F32) ((float *)base)[index] = value;
  else ((uint16_t *)base)[index] = type == F16 ? floatToF16(value) : floatToBf16(value);
}

static bool fits(const Operation &operation, const Layout &a, const Layout &b, const Layout &c, const Layout &d) {
  uint64_t m = operation.transposeA ? a.columns : a.rows, k = operation.transposeA ? a.rows : a.columns;
  uint64_t n = operation.transposeB ? b.rows : b.columns, inner = operation.transposeB ? b.columns : b.rows;
  for (const Layout *each : {&a, &b, &c, &d})
    if (!isType(each->type) || each->stride < (int64_t)each->rows) return false;
  return inner == k && d.rows == m && d.columns == n && c.rows == m && c.columns == n && a.type == b.type &&
         c.type == d.type;
}

// `[columns of the result, inner]` of op(matrix), so that a product is a dot product of two rows.
static std::vector<float> gather(uint64_t base, const Layout &layout, bool alongRows) {
  std::vector<float> out(layout.rows * layout.columns);
  for (uint64_t column = 0; column < layout.columns; column++)
    for (uint64_t row = 0; row < layout.rows; row++) {
      float value = load(base, layout.type, column * (size_t)layout.stride + row);
      out[alongRows ? column * layout.rows + row : row * layout.columns + column] = value;
    }
  return out;
}

static bool reachable(uint64_t base, const Layout &layout) {
  size_t elements = (layout.columns - 1) * (size_t)layout.stride + layout.rows;
  return emulatedReachable(base, elements * elementBytes(layout.type));
}

static int multiply(const void *data) {
  const Problem &p = *(const Problem *)data;
  const Operation &operation = p.operation;
  if (!reachable(p.pa, p.a) || !reachable(p.pb, p.b) || !reachable(p.pd, p.d)) return ILLEGAL_ADDRESS;
  if (p.beta != 0 && !reachable(p.pc, p.c)) return ILLEGAL_ADDRESS;
  int biasType = operation.biasType < 0 ? p.d.type : operation.biasType;
  if (operation.epilogue == EPILOGUE_BIAS && !emulatedReachable(operation.bias, p.d.rows * elementBytes(biasType)))
    return ILLEGAL_ADDRESS;
  std::vector<float> a = gather(p.pa, p.a, operation.transposeA), b = gather(p.pb, p.b, !operation.transposeB);
  size_t m = p.d.rows, n = p.d.columns, k = operation.transposeA ? p.a.rows : p.a.columns;
  for (size_t column = 0; column < n; column++)
    for (size_t row = 0; row < m; row++) {
      const float *left = &a[row * k], *right = &b[column * k];
      // In double: the sum's own error is then far below that of any order of adding in f32.
      double sums[4] = {};
      size_t i = 0;
      for (; i + 4 <= k; i += 4)
        for (int j = 0; j < 4; j++) sums[j] += (double)left[i + j] * right[i + j];
      for (; i < k; i++) sums[0] += (double)left[i] * right[i];
      float value = p.alpha * (float)(sums[0] + sums[1] + sums[2] + sums[3]);
      if (p.beta != 0) value += p.beta * load(p.pc, p.c.type, column * (size_t)p.c.stride + row);
      if (operation.epilogue == EPILOGUE_BIAS) value += load(operation.bias, biasType, row);
      store(p.pd, p.d.type, column * (size_t)p.d.stride + row, value);
    }
  return SUCCESS;
}

API size_t cublasLtGetVersion() { return 130000; }
API int cublasLtCreate(Handle **handle) {
  *handle = new Handle();
  return SUCCESS;
}
API int cublasLtDestroy(Handle *handle) {
  delete handle;
  return SUCCESS;
}

API int cublasLtMatmulDescCreate(Operation **operation, int compute, int scaleType) {
  if (operation == nullptr || scaleType != F32) return INVALID_VALUE;
  if (compute != COMPUTE_32F) return NOT_SUPPORTED;
  *operation = new Operation();
  return SUCCESS;
}
API int cublasLtMatmulDescDestroy(Operation *operation) {
  delete operation;
  return SUCCESS;
}
API int cublasLtMatmulDescSetAttribute(Operation *operation, int attribute, const void *value, size_t bytes) {
  if (operation == nullptr || value == nullptr) return INVALID_VALUE;
  if (attribute == 8) {
    if (bytes != 8) return INVALID_VALUE;
    memcpy(&operation->bias, value, 8);
    return SUCCESS;
  }
  int number;
  if (bytes != 4) return INVALID_VALUE;
  memcpy(&number, value, 4);
  switch (attribute) {
  case 3:
  case 4:
    // Plain, transposed; what is conjugated is the same for real numbers.
    if (number < 0 || number > 2) return INVALID_VALUE;
    (attribute == 3 ? operation->transposeA : operation->transposeB) = number;
    return SUCCESS;
  case 7:
    if (number != EPILOGUE_DEFAULT && number != EPILOGUE_BIAS) return NOT_SUPPORTED;
    operation->epilogue = number;
    return SUCCESS;
  case 26:
    if (!isType(number)) return NOT_SUPPORTED;
    operation->biasType = number;
    return SUCCESS;
  default: return NOT_SUPPORTED;
  }
}

API int cublasLtMatrixLayoutCreate(Layout **layout, int type, uint64_t rows, uint64_t columns, int64_t stride) {
  if (layout == nullptr) return INVALID_VALUE;
  if (!isType(type)) return NOT_SUPPORTED;
  *layout = new Layout{type, rows, columns, stride};
  return SUCCESS;
}
API int cublasLtMatrixLayoutDestroy(Layout *layout) {
  delete layout;
  return SUCCESS;
}
API int cublasLtMatrixLayoutSetAttribute(Layout *layout, int attribute, const void *value, size_t bytes) {
  if (layout == nullptr || value == nullptr) return INVALID_VALUE;
  int64_t number = 0;
  memcpy(&number, value, bytes < 8 ? bytes : 8);
  switch (attribute) {
  case 0: layout->type = (int)number; return isType(layout->type) ? SUCCESS : NOT_SUPPORTED;
  case 1: return number == 0 ? SUCCESS : NOT_SUPPORTED;
  case 2: layout->rows = (uint64_t)number; return SUCCESS;
  case 3: layout->columns = (uint64_t)number; return SUCCESS;
  case 4: layout->stride = number; return SUCCESS;
  case 5: return number == 1 ? SUCCESS : NOT_SUPPORTED;
  default: return NOT_SUPPORTED;
  }
}

API int cublasLtMatmulPreferenceCreate(Preference **preference) {
  *preference = new Preference();
  return SUCCESS;
}
API int cublasLtMatmulPreferenceDestroy(Preference *preference) {
  delete preference;
  return SUCCESS;
}
API int cublasLtMatmulPreferenceSetAttribute(Preference *preference, int attribute, const void *value, size_t bytes) {
  if (preference == nullptr || value == nullptr) return INVALID_VALUE;
  if (attribute == 1) {
    if (bytes != 8) return INVALID_VALUE;
    memcpy(&preference->workspaceBytes, value, 8);
  }
  return SUCCESS;
}

API int cublasLtMatmulAlgoGetHeuristic(Handle *handle, const Operation *operation, const Layout *a, const Layout *b,
                                       const Layout *c, const Layout *d, const Preference *preference, int most,
                                       Proposal *proposals, int *count) {
  if (handle == nullptr) return NOT_INITIALIZED;
  if (!operation || !a || !b || !c || !d || !preference || !proposals || !count || most < 1) return INVALID_VALUE;
  *count = 0;
  if (!fits(*operation, *a, *b, *c, *d)) return INVALID_VALUE;
  // Two that do the same, so that there is something to choose from.
  for (; *count < most && *count < 2; (*count)++)
    proposals[*count] = {{ALGORITHM, (uint64_t)*count}, 0, SUCCESS, 1.f, {}};
  return SUCCESS;
}

API int cublasLtMatmul(Handle *handle, const Operation *operation, const float *alpha, uint64_t pa, const Layout *a,
                       uint64_t pb, const Layout *b, const float *beta, uint64_t pc, const Layout *c, uint64_t pd,
                       const Layout *d, const uint64_t *algorithm, void *, size_t, void *stream) {
  if (handle == nullptr) return NOT_INITIALIZED;
  if (!operation || !alpha || !a || !b || !beta || !c || !d) return INVALID_VALUE;
  if (algorithm != nullptr && algorithm[0] != ALGORITHM) return INVALID_VALUE;
  if (!fits(*operation, *a, *b, *c, *d)) return INVALID_VALUE;
  if (operation->epilogue == EPILOGUE_BIAS && operation->bias == 0) return INVALID_VALUE;
  Problem problem = {*operation, *a, *b, *c, *d, *alpha, *beta, pa, pb, pc, pd};
  return emulatedEnqueue(stream, "matmul", multiply, &problem, sizeof problem) == 0 ? SUCCESS : EXECUTION_FAILED;
}
