// Casts from and to times and timestamps, and what else depends on how the kernel stores them.
//
// Up to microseconds and without a time zone they are values of the kernel's own types. The others, called
// fine and zoned here, are numbers that only functions of ours read (kernel/moment.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/analyzer/typed.h"
#include "sql/types/type.h"

namespace planaria::sql {

/// More digits than microseconds have.
bool IsFine(const Type& type);
/// With a time zone.
bool IsZoned(const Type& type);

/// The session's time zone, as the kernel's SQL asks for it.
extern const std::string_view kSessionZone;

/// The cast of `$1` to a date, time or timestamp, from a text or one of these.
std::string TimeCast(const Type& from, const Type& to);
/// The cast of a time or timestamp to a varchar of any length.
std::string TimeToVarchar(const Type& from);

/// A time of day without a zone, or a timestamp, as Java shows it:
/// `2020-05-10T12:34:56.100+01:00[Europe/Berlin]`.
Typed JavaText(Typed value);

/// What calls a function in the kernel for an argument that is fine, where it is not what calls it for
/// others; `type` is the fine argument's.
std::optional<std::string> FinePattern(std::string_view function, const Type& type);

/// A moment or time of day moved by an interval, which is the second operand; the interval between
/// two of them. Nothing for operands that are the kernel's own.
std::optional<Typed> MomentArithmetic(bool plus, const Typed& left, const Typed& right,
                                      ErrorLocation location);

/// AT TIME ZONE. Throws TYPE_MISMATCH for operands that have none.
Typed AtTimeZone(Typed value, Typed zone, ErrorLocation location);

}  // namespace planaria::sql
