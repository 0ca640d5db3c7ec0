// A query whose life the test tells.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>

#include "coordinator/client_query.h"

namespace planaria::coordinator::test {

class FakeQuery final : public ClientQuery {
 public:
  FakeQuery(QueryId id, protocol::SessionHeaders session, std::string sql)
      : id_(std::move(id)), session_(std::move(session)), sql_(std::move(sql)) {
    snapshot_.created = WallTime(std::chrono::seconds(1'700'000'000));
  }

  const QueryId& id() const override { return id_; }
  const protocol::SessionHeaders& session() const override { return session_; }
  const std::string& sql() const override { return sql_; }
  QuerySnapshot Snapshot() const override {
    const std::lock_guard lock(mutex_);
    return snapshot_;
  }

  void WhenDispatched(std::function<void()> done) override {
    std::unique_lock lock(mutex_);
    if (snapshot_.stats.state == "QUEUED") {
      dispatched_ = std::move(done);
    } else {
      lock.unlock();
      done();
    }
  }
  void NextPage(size_t, std::function<void(ResultPage)> done) override {
    std::unique_lock lock(mutex_);
    ++asked_;
    waiting_ = std::move(done);
    asked_changed_.notify_all();
    Deliver(std::move(lock));
  }
  void Cancel(const Error& error) override { Fail(error); }

  void Change(const std::function<void(QuerySnapshot&)>& change) {
    const std::lock_guard lock(mutex_);
    change(snapshot_);
  }
  void Start(std::vector<protocol::Column> columns) {
    Enter("RUNNING", [&](QuerySnapshot& snapshot) { snapshot.columns = std::move(columns); });
  }
  void AddRows(std::string rows) {
    std::unique_lock lock(mutex_);
    pages_.push_back({std::move(rows), false});
    Deliver(std::move(lock));
  }
  void Finish() {
    Enter("FINISHING", [](QuerySnapshot&) {});
    std::unique_lock lock(mutex_);
    pages_.push_back({{}, true});
    Deliver(std::move(lock));
  }
  void Fail(const Error& error) {
    if (Snapshot().stats.done()) return;
    Enter("FAILED", [&](QuerySnapshot& snapshot) { snapshot.error = error; });
    std::unique_lock lock(mutex_);
    pages_.assign(1, {{}, true});
    ended_.notify_all();
    Deliver(std::move(lock));
  }

  int asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  void WaitUntilAsked(int times) {
    std::unique_lock lock(mutex_);
    asked_changed_.wait_for(lock, std::chrono::seconds(30), [&] { return asked_ >= times; });
  }
  std::optional<Error> WaitForError() {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, std::chrono::seconds(30), [&] { return snapshot_.error.has_value(); });
    return snapshot_.error;
  }

 private:
  template <typename Change>
  void Enter(const char* state, Change change) {
    std::unique_lock lock(mutex_);
    snapshot_.stats.state = state;
    change(snapshot_);
    const auto done = std::exchange(dispatched_, nullptr);
    lock.unlock();
    if (done) done();
  }
  void Deliver(std::unique_lock<std::mutex> lock) {
    if (!waiting_ || pages_.empty()) return;
    ResultPage page = std::move(pages_.front());
    pages_.pop_front();
    if (page.end && !snapshot_.error) snapshot_.stats.state = "FINISHED";
    const auto done = std::exchange(waiting_, nullptr);
    lock.unlock();
    done(std::move(page));
  }

  const QueryId id_;
  const protocol::SessionHeaders session_;
  const std::string sql_;
  mutable std::mutex mutex_;
  std::condition_variable asked_changed_;
  std::condition_variable ended_;
  QuerySnapshot snapshot_;
  std::deque<ResultPage> pages_;
  std::function<void()> dispatched_;
  std::function<void(ResultPage)> waiting_;
  int asked_ = 0;
};

class FakeService final : public QueryService {
 public:
  std::shared_ptr<ClientQuery> Submit(protocol::SessionHeaders session, std::string sql) override {
    auto query = Add(std::move(session), std::move(sql));
    if (on_submit) on_submit(query);
    return query;
  }
  std::shared_ptr<ClientQuery> Refuse(protocol::SessionHeaders session, std::string sql,
                                      Error error) override {
    auto query = Add(std::move(session), std::move(sql));
    query->Fail(error);
    return query;
  }
  std::shared_ptr<ClientQuery> Find(const QueryId& id) override { return Get(id.value); }
  std::vector<std::shared_ptr<ClientQuery>> List() override {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<ClientQuery>> all;
    for (const auto& [id, query] : queries_) all.push_back(query);
    return all;
  }

  std::shared_ptr<FakeQuery> Get(const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = queries_.find(id);
    return found == queries_.end() ? nullptr : found->second;
  }

  /// Before the first request.
  std::function<void(std::shared_ptr<FakeQuery>)> on_submit;

 private:
  std::shared_ptr<FakeQuery> Add(protocol::SessionHeaders session, std::string sql) {
    const std::lock_guard lock(mutex_);
    const std::string number = std::to_string(100000 + queries_.size() + 1).substr(1);
    const QueryId id{"20260102_030405_" + number + "_abcde"};
    return queries_[id.value] = std::make_shared<FakeQuery>(id, std::move(session), std::move(sql));
  }

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<FakeQuery>> queries_;
};

}  // namespace planaria::coordinator::test
