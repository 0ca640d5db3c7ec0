#include "exchange/output_packer.h"

#include <algorithm>

#include "exchange/spool_format.h"
#include "exchange/spool_index.h"

namespace planaria::exchange {
namespace {

struct Piece {
  FinishedOutput* output;
  SpoolBlock* block;
};

/// By partition; of each partition output by output, and of each output in order.
std::vector<Piece> InOrder(const std::vector<FinishedOutput*>& outputs) {
  std::vector<Piece> pieces;
  for (FinishedOutput* output : outputs) {
    for (SpoolBlock& block : output->blocks) pieces.push_back({output, &block});
  }
  std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& left, const Piece& right) {
    return left.block->partition < right.block->partition;
  });
  return pieces;
}

}  // namespace

Manifest OutputPacker::Store(FinishedOutput& output) {
  std::unique_lock lock(mutex_);
  const Lane lane{output.producer.query, output.producer.fragment};
  std::shared_ptr<Traffic>& in_lane = lanes_[lane];
  if (!in_lane) in_lane = std::make_shared<Traffic>();
  const std::shared_ptr<Traffic> held = in_lane;
  Traffic& traffic = *held;
  std::shared_ptr<Pack> pack;
  bool leads = true;
  if (traffic.under_way == 0 && !traffic.next) {
    pack = std::make_shared<Pack>();
    pack->outputs.push_back(&output);
  } else {
    if (traffic.next && traffic.next->bytes + output.bytes.size() > pack_bytes_) Close(traffic);
    leads = !traffic.next;
    if (leads) traffic.next = std::make_shared<Pack>();
    pack = traffic.next;
    pack->outputs.push_back(&output);
    pack->bytes += output.bytes.size();
    changed_.wait(lock, [&] { return pack->stored || (leads && (pack->closed || traffic.under_way == 0)); });
    if (leads && !pack->closed) Close(traffic);
  }
  if (leads) {
    traffic.under_way++;
    lock.unlock();
    try {
      Write(*pack);
    } catch (...) {
      pack->failure = std::current_exception();
    }
    lock.lock();
    pack->stored = true;
    if (--traffic.under_way == 0 && !traffic.next) {
      const auto found = lanes_.find(lane);
      if (found != lanes_.end() && found->second == held) lanes_.erase(found);
    }
    changed_.notify_all();
  }
  if (pack->failure) std::rethrow_exception(pack->failure);
  return Manifest::OfObject(output.producer, pack->location, output.partition_count, std::move(output.blocks),
                            output.salt);
}

size_t OutputPacker::waiting() const {
  const std::lock_guard lock(mutex_);
  size_t outputs = 0;
  for (const auto& [lane, traffic] : lanes_) {
    if (traffic->next) outputs += traffic->next->outputs.size();
  }
  return outputs;
}

void OutputPacker::Close(Traffic& traffic) {
  traffic.next->closed = true;
  traffic.next.reset();
  changed_.notify_all();
}

void OutputPacker::Write(Pack& pack) {
  FinishedOutput& first = *pack.outputs.front();
  const std::unique_ptr<storage::ObjectWriter> object = first.place.store->Create(first.place.key);
  object->Write(first.bytes.data(), kObjectHeaderBytes);
  uint64_t offset = kObjectHeaderBytes;
  for (const Piece& piece : InOrder(pack.outputs)) {
    const uint64_t size = BlockBytes(piece.block->size);
    object->Write(piece.output->bytes.data() + piece.block->offset, size);
    piece.block->offset = offset;
    offset += size;
  }
  if (pack.outputs.size() == 1) {
    std::string end;
    AppendSpoolIndex(Manifest::OfObject(first.producer, "", first.partition_count, first.blocks, first.salt),
                     offset, end);
    object->Write(end.data(), end.size());
  }
  pack.location = first.place.Location();
  for (const FinishedOutput* output : pack.outputs) {
    if (output->being_stored) {
      output->being_stored(Manifest::OfObject(output->producer, pack.location, output->partition_count,
                                              output->blocks, output->salt));
    }
  }
  object->Finish();
  first.requests = object->requests();
}

}  // namespace planaria::exchange
