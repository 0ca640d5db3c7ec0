// Doubles and reals as a cast to varchar writes them.
#pragma once

#include <string>

namespace planaria::kernel {

/// `1.0E10`, `1.25E-5`, `0E0`, `NaN`, `-Infinity`: one digit, a point, and always an exponent.
void AppendScientific(double value, std::string* out);
void AppendScientific(float value, std::string* out);

}  // namespace planaria::kernel
