// Numbers as Java prints them, which is how every Trino client expects to see them.
#pragma once

#include <string>

namespace planaria::kernel {

/// Shortest digits that read back the same: `1.0`, `-0.5`, `1.0E10`, `1.0E-5`; `NaN`, `Infinity`. Plain
/// notation from 0.001 up to below 10,000,000.
void AppendJavaDouble(double value, std::string* out);
void AppendJavaFloat(float value, std::string* out);

/// An integer with `scale` digits after the point: AppendDecimal(-5, 2) is `-0.05`, scale 0 has no point.
void AppendDecimal(__int128 value, int scale, std::string* out);

}  // namespace planaria::kernel
