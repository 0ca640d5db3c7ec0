// Programs for the kernel as constants in a plan: numbers and texts one after the other.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace planaria::sql {

class ProgramWriter {
 public:
  void Character(char character) { text_ += character; }
  void Number(size_t number);
  void Text(std::string_view text);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Reads what a ProgramWriter wrote. Each throws TrinoException GENERIC_INTERNAL_ERROR where something else
/// stands.
class ProgramReader {
 public:
  /// `what` it is the text of, for the message; both must outlive the reader.
  ProgramReader(std::string_view text, std::string_view what) : text_(text), what_(what) {}

  bool AtEnd() const { return text_.empty(); }
  char Character();
  size_t Number();
  /// One below `end`.
  size_t Index(size_t end);
  std::string Text();
  [[noreturn]] void Fail() const;

 private:
  std::string_view text_;
  std::string_view what_;
};

}  // namespace planaria::sql
