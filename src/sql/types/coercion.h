// Which types Trino turns into which by itself, and which it casts on demand.
#pragma once

#include <optional>

#include "sql/types/type.h"

namespace planaria::sql {

/// The type that values of both can be turned into without a CAST; nothing when there is none.
std::optional<Type> CommonSuperType(const Type& left, const Type& right);

/// Whether `from` becomes `to` without a CAST.
bool CanCoerce(const Type& from, const Type& to);

/// Whether the kernel takes values of the one for values of the other: it does not keep the length of a
/// varchar, and reads decimals by their scale.
bool SameStorage(const Type& left, const Type& right);

/// Whether Trino has an order of the type's values; maps, JSON, colors and sketches have none.
bool IsOrderable(const Type& type);

/// Whether CAST(x AS to) is allowed for an x of `from`.
bool CanCast(const Type& from, const Type& to);

}  // namespace planaria::sql
