// A place that keeps immutable objects under keys: a directory, memory, a bucket.
//
// Objects are written once, as a stream, and read in exact ranges. There is no rename and no append: who
// knows a key learnt it from the writer after Finish, so nobody meets a half-written object. A key never
// names both an object and a folder of others. Every store passes the suite in object_store_test.cc.
//
// Errors: every failure throws a TrinoException whose message names the object. ObjectLost when the object
// is not (wholly) there and reading again will not help; GENERIC_INSUFFICIENT_RESOURCES when the store is
// full; GENERIC_INTERNAL_ERROR for keys that break the rules of object_key.h and for everything else.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace planaria::storage {

/// An object is missing or shorter than its reader was told.
class ObjectLost : public TrinoException {
 public:
  explicit ObjectLost(std::string message)
      : TrinoException(errors::GENERIC_INTERNAL_ERROR, std::move(message)) {}
};

/// One object being written; used by one thread at a time. Destroyed without Finish, it takes back what it
/// wrote and the key is free again.
class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;
  /// Appends; returns when the bytes are handed over, so the caller may reuse them. Memory use does not grow
  /// with the object. After an exception only destruction is allowed.
  virtual void Write(const void* data, size_t size) = 0;
  /// Makes the object readable under its key, everywhere the store is reachable; its size in bytes.
  virtual uint64_t Finish() = 0;
  /// What it has sent to the store so far, Finish included; 0 where that costs nothing.
  virtual uint64_t requests() const { return 0; }
};

struct ObjectInfo {
  std::string key;
  uint64_t size = 0;
  std::chrono::system_clock::time_point modified;
};

/// Thread-safe.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// What precedes `/key` in locations: `file:///data/spool`. Equal on every node that shares the store.
  virtual const std::string& base() const = 0;
  std::string Location(std::string_view key) const { return base() + '/' + std::string(key); }

  /// Every read and write is a request over a network: few large ones, several at a time, are better than
  /// many.
  virtual bool remote() const { return false; }

  /// Starts an object. A key is used once: a taken key may be refused, now or in Finish, never overwritten
  /// silently under a reader. Until Finish the object may show in lists.
  virtual std::unique_ptr<ObjectWriter> Create(std::string_view key) = 0;
  /// Stores `content` whole unless the key is taken; false when it is. Of several callers one wins.
  virtual bool PutIfAbsent(std::string_view key, std::string_view content) = 0;

  /// Fills `buffer` with `length` bytes from `offset`. Throws ObjectLost when the object does not have them.
  virtual void Read(std::string_view key, uint64_t offset, size_t length, void* buffer) = 0;

  /// Every object whose key is `prefix` or starts with `prefix/`, by key; all of them for an empty prefix.
  virtual std::vector<ObjectInfo> ListPrefix(std::string_view prefix) = 0;
  /// First segments below `prefix` that have objects below them, by name: with `q/1` and `q/2` the folders
  /// of the empty prefix are `q`. A store with real folders may name an empty one.
  virtual std::vector<std::string> ListFolders(std::string_view prefix) = 0;
  /// Deletes what ListPrefix lists; the number of objects deleted. Writers that are still at work under the
  /// prefix may leave objects behind.
  virtual size_t DeletePrefix(std::string_view prefix) = 0;
  /// Deletes what is below `prefix`, where nothing but `keys` can be: stores that are asked over a network
  /// delete these unseen, in as few requests as they allow. Keys without an object are fine.
  virtual void DeleteKnown(std::string_view prefix, const std::vector<std::string>& keys);

  /// Gives up what writers, of whichever process, began before `before` and neither finished nor took back,
  /// where a store keeps such things unseen; how many there were.
  virtual size_t SweepUnfinished(std::chrono::system_clock::time_point /*before*/) { return 0; }

  /// The requests that this process has sent to the store so far, for logs; empty for stores without any.
  virtual std::string Traffic() const { return {}; }
};

/// A store and a key in it.
struct ObjectPlace {
  std::shared_ptr<ObjectStore> store;
  std::string key;
  std::string Location() const { return store->Location(key); }
};

/// Knows the store behind a location. Thread-safe.
class ObjectLocator {
 public:
  virtual ~ObjectLocator() = default;
  /// Throws TrinoException(CONFIGURATION_INVALID) naming the location when no store here has it.
  virtual ObjectPlace Find(std::string_view location) = 0;
};

}  // namespace planaria::storage
