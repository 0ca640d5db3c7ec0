#include "worker/merging.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"

namespace planaria::worker {

namespace {

void WriteInOrder(std::vector<kernel::Page>& pages, kernel::ExchangeOutput& output) {
  std::stable_sort(pages.begin(), pages.end(),
                   [](const kernel::Page& a, const kernel::Page& b) { return a.partition < b.partition; });
  for (const kernel::Page& page : pages) output.Append(page.partition, page.data, page.size, page.rows);
  pages.clear();
}

}  // namespace

uint64_t MergeOutputs(kernel::ExchangeInput& input, kernel::ExchangeOutput& output,
                      const std::function<bool()>& cancelled) {
  std::vector<kernel::Page> pages;
  size_t held = 0;
  uint64_t rows = 0;
  while (true) {
    if (cancelled()) throw TrinoException(errors::USER_CANCELED, "Task was cancelled");
    kernel::Page page;
    switch (input.Next(page, {})) {
      case kernel::InputState::kLater:
        throw TrinoException(errors::GENERIC_INTERNAL_ERROR, "A merging task was given a part of its input");
      case kernel::InputState::kEnd:
        WriteInOrder(pages, output);
        return rows;
      case kernel::InputState::kPage:
        break;
    }
    rows += page.rows;
    held += page.size;
    pages.push_back(std::move(page));
    if (held < kMergeBytes) continue;
    WriteInOrder(pages, output);
    held = 0;
  }
}

}  // namespace planaria::worker
