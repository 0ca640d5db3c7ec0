// The families of Trino's functions, a file each.
#pragma once

#include "kernel/functions/function_set.h"

namespace planaria::kernel {

void AddIntegerArithmetic(FunctionSet& functions);
void AddDecimalArithmetic(FunctionSet& functions);
void AddCastsToNumbers(FunctionSet& functions);
void AddCastsToDecimal(FunctionSet& functions);
void AddDecimalRounding(FunctionSet& functions);
void AddCastsToText(FunctionSet& functions);
void AddMath(FunctionSet& functions);
void AddDistributions(FunctionSet& functions);
void AddRandom(FunctionSet& functions);
void AddBitwise(FunctionSet& functions);
void AddStrings(FunctionSet& functions);
void AddRegexp(FunctionSet& functions);
void AddDates(FunctionSet& functions);
void AddDatetimeText(FunctionSet& functions);
void AddBinary(FunctionSet& functions);
void AddUrls(FunctionSet& functions);
void AddUnits(FunctionSet& functions);
void AddIpAddresses(FunctionSet& functions);
void AddColors(FunctionSet& functions);
void AddJson(FunctionSet& functions);
void AddArrays(FunctionSet& functions);
void AddArrayElements(FunctionSet& functions);
void AddArrayPieces(FunctionSet& functions);
void AddVectors(FunctionSet& functions);
void AddEquality(FunctionSet& functions);
void AddRowFields(FunctionSet& functions);
void AddMaps(FunctionSet& functions);
void AddTextParts(FunctionSet& functions);
void AddWordStem(FunctionSet& functions);
void AddAggregateEnds(FunctionSet& functions);
void AddCastToJson(FunctionSet& functions);
void AddMomentCasts(FunctionSet& functions);
void AddZonedDates(FunctionSet& functions);
void AddIntervals(FunctionSet& functions);
void AddJavaTimeText(FunctionSet& functions);

/// Registers every family. Call once per database.
void RegisterTrinoFunctions(duckdb::DatabaseInstance& database);

}  // namespace planaria::kernel
