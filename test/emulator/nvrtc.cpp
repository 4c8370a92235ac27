// libnvrtc.so.13: compiles kernels with g++ into shared libraries that the emulated driver loads. What was compiled
// before is taken from a folder beside this library.
#include "image.h"
#include "translate.h"
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))
extern char **environ;

// nvrtcResult
enum { SUCCESS = 0, OUT_OF_MEMORY = 1, INVALID_INPUT = 3, INVALID_PROGRAM = 4, INVALID_OPTION = 5, COMPILATION = 6 };

namespace {

struct Program {
  std::string name, source;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string log, image;
};

std::string ownFolder() {
  Dl_info info;
  dladdr((void *)ownFolder, &info);
  std::string path = info.dli_fname;
  return path.substr(0, path.rfind('/'));
}

bool readFile(const std::string &path, std::string &text) {
  FILE *file = fopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  text.clear();
  char buffer[65536];
  for (size_t got; (got = fread(buffer, 1, sizeof buffer, file)) > 0;) text.append(buffer, got);
  fclose(file);
  return true;
}

void makeFolders(const std::string &path) {
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1))
    mkdir(path.substr(0, at).c_str(), 0755);
}

bool writeFile(const std::string &path, const std::string &text) {
  makeFolders(path);
  FILE *file = fopen(path.c_str(), "wb");
  if (file == nullptr) return false;
  bool good = fwrite(text.data(), 1, text.size(), file) == text.size();
  return fclose(file) == 0 && good;
}

// FNV-1a, twice with different starts: names of a cache's files.
std::string hash(const std::string &text) {
  unsigned long long a = 14695981039346656037ull, b = 0x9e3779b97f4a7c15ull;
  for (unsigned char c : text) {
    a = (a ^ c) * 1099511628211ull;
    b = (b ^ c) * 0x100000001b3ull + (b >> 29);
  }
  char out[40];
  snprintf(out, sizeof out, "%016llx%016llx", a, b);
  return out;
}

bool endsWith(const std::string &text, const std::string &end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Runs a command in a folder; what it says on both outputs goes to `said`.
int runCommand(const std::string &folder, const std::vector<std::string> &words, std::string &said) {
  std::vector<char *> list;
  for (const std::string &word : words) list.push_back((char *)word.c_str());
  list.push_back(nullptr);
  std::string output = folder + "/said";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_addopen(&actions, 1, "said", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t child;
  int error = posix_spawnp(&child, list[0], &actions, nullptr, list.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    said = std::string(list[0]) + ": " + strerror(error);
    return 127;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  readFile(output, said);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

// The first file that is included and not given. A header is found by the name it was given under and no other: what
// lies beside the file that includes it does not count.
std::string missingHeader(const Program &program) {
  std::vector<const std::string *> texts = {&program.source};
  for (const auto &[name, text] : program.headers) texts.push_back(&text);
  for (const std::string *text : texts)
    for (size_t at = text->find("#include"); at != std::string::npos; at = text->find("#include", at + 1)) {
      size_t open = text->find_first_of("\"<\n", at);
      if (open == std::string::npos || (*text)[open] == '\n' || text->find_first_not_of(" \t", at + 8) != open) continue;
      size_t close = text->find_first_of("\">\n", open + 1);
      std::string wanted = text->substr(open + 1, close - open - 1);
      bool given = false;
      for (const auto &[name, other] : program.headers) given = given || name == wanted;
      if (!given) return wanted;
    }
  return "";
}

// Options of NVRTC's that make no difference here, each alone or before `=`.
bool isIgnored(const std::string &option) {
  static const char *const NAMES[] = {
      "--std",
      "-std",
      "--device-as-default-execution-space",
      "-default-device",
      "--device-int128",
      "--generate-line-info",
      "-lineinfo",
      "--fmad",
      "-fmad",
      "--maxrregcount",
      "-maxrregcount",
      "--extra-device-vectorization",
      "--split-compile",
      "--minimal",
      "--no-source-include",
      "--diag-suppress",
      "--disable-warnings",
      "-w",
      "--dopt",
      "--ptxas-options",
      "--restrict",
      "--relocatable-device-code",
  };
  std::string name = option.substr(0, option.find('='));
  for (const char *each : NAMES)
    if (name == each) return true;
  return false;
}

void removeFolder(const std::string &folder) {
  std::string said;
  runCommand("/", {"rm", "-rf", folder}, said);
}

} // namespace

API int nvrtcVersion(int *major, int *minor) {
  *major = 13;
  // No real one: what it makes must never be taken for what a real one made.
  *minor = 99;
  return SUCCESS;
}

static const int ARCHITECTURES[] = {75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121};
API int nvrtcGetNumSupportedArchs(int *count) {
  *count = sizeof ARCHITECTURES / sizeof *ARCHITECTURES;
  return SUCCESS;
}
API int nvrtcGetSupportedArchs(int *architectures) {
  memcpy(architectures, ARCHITECTURES, sizeof ARCHITECTURES);
  return SUCCESS;
}

API int nvrtcCreateProgram(void **program, const char *source, const char *name, int headers, const char *const *texts,
                           const char *const *names) {
  if (program == nullptr || source == nullptr || headers < 0) return INVALID_INPUT;
  Program *made = new Program;
  made->source = source;
  made->name = name != nullptr && *name != 0 ? name : "default_program";
  for (int i = 0; i < headers; i++) made->headers.push_back({names[i], texts[i]});
  *program = made;
  return SUCCESS;
}

API int nvrtcDestroyProgram(void **program) {
  if (program == nullptr || *program == nullptr) return INVALID_PROGRAM;
  delete (Program *)*program;
  *program = nullptr;
  return SUCCESS;
}

API int nvrtcCompileProgram(void *handle, int count, const char *const *options) {
  if (handle == nullptr) return INVALID_PROGRAM;
  Program &program = *(Program *)handle;
  std::string home = ownFolder();
  std::vector<std::string> words = {"g++",
                                    "-std=c++17",
                                    "-O1",
                                    "-g1",
                                    "-w",
                                    "-fPIC",
                                    "-shared",
                                    "-fvisibility=hidden",
                                    "-fno-gnu-unique",
                                    "-fno-exceptions",
                                    "-fno-rtti",
                                    "-fno-strict-aliasing",
                                    "-fno-threadsafe-statics",
                                    "-fstack-clash-protection",
                                    "-fwrapv",
                                    "-ffp-contract=fast",
                                    "-ftrivial-auto-var-init=pattern",
                                    "-fsanitize=alignment,bounds",
                                    "-fno-sanitize-recover=all",
                                    "-nostartfiles",
                                    "-nodefaultlibs",
                                    "-DWARPLINE_EMULATED",
                                    "-D__CUDACC__",
                                    "-D__CUDACC_RTC__",
                                    "-include",
                                    home + "/emulate.h",
                                    "-I."};
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    words.insert(words.end(), {"-mavx2", "-mfma"});
#endif
  int architecture = 75;
  for (int i = 0; i < count; i++) {
    std::string option = options[i];
    if (option == "-I" || option == "-D" || option == "-U" || option == "--define-macro") {
      if (++i >= count) return INVALID_OPTION;
      words.push_back((option[1] == '-' ? "-D" : option) + options[i]);
    } else if (option.compare(0, 2, "-D") == 0 || option.compare(0, 2, "-U") == 0) words.push_back(option);
    else if (option.compare(0, 15, "--define-macro=") == 0) words.push_back("-D" + option.substr(15));
    else if (option.compare(0, 2, "-I") == 0 || option.compare(0, 15, "--include-path=") == 0) continue;
    else if (option.compare(0, 19, "--gpu-architecture=") == 0 || option.compare(0, 6, "-arch=") == 0) {
      architecture = atoi(option.c_str() + option.rfind('_') + 1);
      bool known = false;
      for (int each : ARCHITECTURES) known = known || each == architecture;
      if (!known) {
        program.log = "nvrtc: error: invalid value for --gpu-architecture (-arch): " + option;
        return INVALID_OPTION;
      }
    } else if (!isIgnored(option)) {
      program.log = "nvrtc: error: unrecognized option " + option + " found";
      return INVALID_OPTION;
    }
  }
  words.push_back("-D__CUDA_ARCH__=" + std::to_string(architecture * 10));

  std::string missing = missingHeader(program);
  if (!missing.empty()) {
    program.log = program.name + ": catastrophic error: cannot open source file \"" + missing + "\"";
    return COMPILATION;
  }
  std::string own;
  if (!readFile(home + "/ptx.cuh", own)) return INVALID_PROGRAM;
  std::string everything = program.name + '\0' + program.source;
  for (auto &[name, text] : program.headers) {
    if (name.find("..") != std::string::npos || name[0] == '/') return INVALID_INPUT;
    // The one file of instructions that g++ has no word for.
    if (name == "ptx.cuh" || endsWith(name, "/ptx.cuh")) text = own;
    everything += '\0' + name + '\0' + text;
  }
  for (const std::string &word : words) everything += '\0' + word;
  std::string kept = home + "/kernels/" + hash(everything);
  if (readFile(kept, program.image)) return SUCCESS;

  std::string pattern = home + "/kernels/work-XXXXXX";
  makeFolders(pattern);
  if (mkdtemp(&pattern[0]) == nullptr) return OUT_OF_MEMORY;
  const std::string &folder = pattern;
  std::string name = program.name;
  for (char &c : name)
    if (c == '/' || c == ' ') c = '_';
  bool written = writeFile(folder + "/" + name, translate(program.source));
  for (const auto &[header, text] : program.headers) written = writeFile(folder + "/" + header, translate(text)) && written;
  words.insert(words.end(), {"-x", "c++", name, "-o", "module.so", "-lm", "-lc", "-lgcc"});
  int status = runCommand(folder, words, program.log);
  std::string library;
  bool good = written && status == 0 && readFile(folder + "/module.so", library);
  if (good) {
    ImageHeader header;
    memcpy(header.magic, IMAGE_MAGIC, sizeof header.magic);
    header.bytes = library.size();
    program.image = std::string((char *)&header, sizeof header) + library;
    if (writeFile(folder + "/image", program.image)) rename((folder + "/image").c_str(), kept.c_str());
  }
  removeFolder(folder);
  return good ? SUCCESS : COMPILATION;
}

API int nvrtcGetCUBINSize(void *program, size_t *bytes) {
  if (program == nullptr) return INVALID_PROGRAM;
  *bytes = ((Program *)program)->image.size();
  return SUCCESS;
}
API int nvrtcGetCUBIN(void *program, char *image) {
  if (program == nullptr) return INVALID_PROGRAM;
  const std::string &text = ((Program *)program)->image;
  memcpy(image, text.data(), text.size());
  return SUCCESS;
}
API int nvrtcGetPTXSize(void *program, size_t *bytes) { return nvrtcGetCUBINSize(program, bytes); }
API int nvrtcGetPTX(void *program, char *image) { return nvrtcGetCUBIN(program, image); }
API int nvrtcGetProgramLogSize(void *program, size_t *bytes) {
  if (program == nullptr) return INVALID_PROGRAM;
  *bytes = ((Program *)program)->log.size() + 1;
  return SUCCESS;
}
API int nvrtcGetProgramLog(void *program, char *log) {
  if (program == nullptr) return INVALID_PROGRAM;
  strcpy(log, ((Program *)program)->log.c_str());
  return SUCCESS;
}
API const char *nvrtcGetErrorString(int error) {
  switch (error) {
  case SUCCESS: return "NVRTC_SUCCESS";
  case OUT_OF_MEMORY: return "NVRTC_ERROR_OUT_OF_MEMORY";
  case INVALID_INPUT: return "NVRTC_ERROR_INVALID_INPUT";
  case INVALID_PROGRAM: return "NVRTC_ERROR_INVALID_PROGRAM";
  case INVALID_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
  case COMPILATION: return "NVRTC_ERROR_COMPILATION";
  default: return "NVRTC_ERROR unknown";
  }
}
