#include "translate.h"
#include <cctype>
#include <vector>

namespace {

bool isWord(char c) { return isalnum((unsigned char)c) || c == '_'; }

// The source with comments, strings and characters blanked, of the same length: safe to scan.
std::string blank(const std::string &source) {
  std::string out = source;
  auto wipe = [&](size_t from, size_t to) {
    for (size_t i = from; i < to && i < out.size(); i++)
      if (out[i] != '\n') out[i] = ' ';
  };
  for (size_t i = 0; i < source.size();) {
    if (source.compare(i, 2, "//") == 0) {
      size_t end = source.find('\n', i);
      if (end == std::string::npos) end = source.size();
      wipe(i, end);
      i = end;
    } else if (source.compare(i, 2, "/*") == 0) {
      size_t end = source.find("*/", i + 2);
      end = end == std::string::npos ? source.size() : end + 2;
      wipe(i, end);
      i = end;
    } else if (source[i] == '"' || (source[i] == '\'' && (i == 0 || !isWord(source[i - 1])))) {
      size_t end = i + 1;
      while (end < source.size() && source[end] != source[i] && source[end] != '\n') end += source[end] == '\\' ? 2 : 1;
      wipe(i + 1, end);
      i = end + 1;
    } else i++;
  }
  return out;
}

bool wordAt(const std::string &text, size_t at, const std::string &word) {
  return text.compare(at, word.size(), word) == 0 && (at == 0 || !isWord(text[at - 1])) &&
         (at + word.size() >= text.size() || !isWord(text[at + word.size()]));
}

size_t skipSpace(const std::string &text, size_t at) {
  while (at < text.size() && isspace((unsigned char)text[at])) at++;
  return at;
}

// Behind the bracket that closes the one at `at`.
size_t skipBrackets(const std::string &text, size_t at) {
  int depth = 0;
  for (; at < text.size(); at++) {
    if (text[at] == '(' || text[at] == '{' || text[at] == '[') depth++;
    if ((text[at] == ')' || text[at] == '}' || text[at] == ']') && --depth == 0) return at + 1;
  }
  return text.size();
}

size_t skipWord(const std::string &text, size_t at) {
  while (at < text.size() && isWord(text[at])) at++;
  return at;
}

std::string flat(std::string text) {
  for (char &c : text)
    if (c == '\n') c = ' ';
  return text;
}

struct Edit {
  size_t from, to;
  std::string text;
};

bool isDirective(const std::string &text, size_t at) {
  size_t line = text.rfind('\n', at);
  line = line == std::string::npos ? 0 : line + 1;
  return text[skipSpace(text, line)] == '#';
}

} // namespace

std::string translate(const std::string &source) {
  std::string text = blank(source);
  std::vector<Edit> edits;
  for (size_t i = 0; i < text.size(); i++) {
    if (wordAt(text, i, "extern")) {
      size_t at = skipSpace(text, i + 6);
      if (!wordAt(text, at, "__shared__")) continue;
      size_t type = at + 10;
      size_t end = text.find(';', type), bracket = text.find('[', type);
      if (end == std::string::npos || bracket == std::string::npos || bracket > end) continue;
      size_t nameEnd = bracket;
      while (nameEnd > type && isspace((unsigned char)text[nameEnd - 1])) nameEnd--;
      size_t name = nameEnd;
      while (name > type && isWord(text[name - 1])) name--;
      // An alignment may stand before the type: the room is aligned well enough for any.
      type = skipSpace(text, type);
      while (wordAt(text, type, "alignas") || wordAt(text, type, "__align__"))
        type = skipSpace(text, skipBrackets(text, text.find('(', type)));
      edits.push_back({i, end,
                       "EMULATED_DYNAMIC_SHARED(" + flat(source.substr(type, name - type)) + ", " +
                           source.substr(name, nameEnd - name) + ")"});
      i = end;
    } else if (wordAt(text, i, "__global__") && !isDirective(text, i)) {
      size_t at = i + 10;
      std::string bounds;
      for (;;) {
        at = skipSpace(text, at);
        if (at >= text.size() || !isWord(text[at])) break;
        size_t end = skipWord(text, at);
        std::string word = text.substr(at, end - at);
        size_t open = skipSpace(text, end);
        bool called = open < text.size() && text[open] == '(';
        if (called && (word == "__launch_bounds__" || word == "__attribute__" || word == "alignas")) {
          size_t close = skipBrackets(text, open);
          if (word == "__launch_bounds__") bounds = flat(text.substr(open + 1, close - open - 2));
          at = close;
        } else if (called) {
          size_t body = skipSpace(text, skipBrackets(text, open));
          if (body < text.size() && text[body] == '{') {
            size_t close = skipBrackets(text, body);
            std::string kernel = " EMULATED_KERNEL(" + word + (bounds.empty() ? ", 1024" : ", " + bounds) + ")";
            edits.push_back({close, close, kernel});
          }
          break;
        } else at = end;
      }
    }
  }
  std::string out;
  size_t done = 0;
  for (size_t pass = 0; pass < edits.size(); pass++) {
    // Edits within a kernel's body come before the one behind it: take the leftmost that is left.
    size_t next = edits.size();
    for (size_t i = 0; i < edits.size(); i++)
      if (edits[i].from >= done && edits[i].from != std::string::npos &&
          (next == edits.size() || edits[i].from < edits[next].from))
        next = i;
    if (next == edits.size()) break;
    out += source.substr(done, edits[next].from - done) + edits[next].text;
    done = edits[next].to;
    edits[next].from = std::string::npos;
  }
  return out + source.substr(done);
}
