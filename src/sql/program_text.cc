#include "sql/program_text.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"

namespace planaria::sql {

void ProgramWriter::Number(size_t number) { text_ += fmt::format("{}:", number); }

void ProgramWriter::Text(std::string_view text) {
  Number(text.size());
  text_ += text;
}

char ProgramReader::Character() {
  if (text_.empty()) Fail();
  const char found = text_[0];
  text_.remove_prefix(1);
  return found;
}

size_t ProgramReader::Number() {
  size_t number = 0;
  const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), number);
  if (error != std::errc()) Fail();
  text_.remove_prefix(static_cast<size_t>(end - text_.data()));
  if (Character() != ':') Fail();
  return number;
}

size_t ProgramReader::Index(size_t end) {
  const size_t index = Number();
  if (index >= end) Fail();
  return index;
}

std::string ProgramReader::Text() {
  const size_t length = Number();
  if (length > text_.size()) Fail();
  std::string text(text_.substr(0, length));
  text_.remove_prefix(length);
  return text;
}

void ProgramReader::Fail() const {
  throw TrinoException(errors::GENERIC_INTERNAL_ERROR, fmt::format("The text of {} is damaged", what_));
}

}  // namespace planaria::sql
