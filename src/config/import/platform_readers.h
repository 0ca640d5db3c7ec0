// The platforms whose JSON is understood, each into an EtcDraft. Structure that cannot be read throws, wrong
// values become problems of the draft.
#pragma once

#include <optional>

#include "config/import/etc_draft.h"
#include "config/import/json_node.h"
#include "config/import/platform_import.h"

namespace planaria {

inline constexpr const char* kConfigFile = "config.properties";
inline constexpr const char* kNodeFile = "node.properties";
inline constexpr const char* kExchangeFile = "exchange-manager.properties";

/// The list of classifications of a document of Amazon EMR; nothing when it is not one.
std::optional<std::vector<JsonNode>> FindEmrClassifications(const JsonNode& document);
void ReadEmrClassifications(const std::vector<JsonNode>& classifications, const ImportOptions& options,
                            EtcDraft& draft);

/// The objects that have serviceConfigsProfiles, outermost first.
std::vector<JsonNode> FindHdinsightProfiles(const JsonNode& document);
void ReadHdinsightProfile(const JsonNode& cluster, const ImportOptions& options, EtcDraft& draft);

}  // namespace planaria
