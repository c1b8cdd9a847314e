package asynqqueue

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"

	"hienke/internal/store"
)

// quiet is the least time between two warnings of asynq or go-redis. While
// Redis is away, each of their goroutines complains on every try.
const quiet = 10 * time.Second

// logger writes what asynq says. Its errors are warnings here: the queue may
// fail, and the outbox makes good for it.
type logger struct {
	log  *slog.Logger
	some rate.Sometimes
}

func newLogger(log *slog.Logger, kind store.JobKind) *logger {
	return &logger{log: log.With(slog.String("queue", string(kind))), some: rate.Sometimes{Interval: quiet}}
}

// Debug drops: asynq reports there that its queues are empty.
func (*logger) Debug(...any) {}

// Info is of use only to who looks into asynq.
func (l *logger) Info(args ...any) { l.log.Debug("asynq", slog.String("says", fmt.Sprint(args...))) }

// Warn tells of tasks given back or given up, which the handler tells better.
func (l *logger) Warn(args ...any) { l.Info(args...) }

// Error mostly tells that Redis is away.
func (l *logger) Error(args ...any) {
	write := l.log.Debug
	l.some.Do(func() { write = l.log.Warn })
	write("asynq", slog.String("says", fmt.Sprint(args...)))
}

// Fatal does not end the process: that is not for a library to decide.
func (l *logger) Fatal(args ...any) { l.Error(args...) }

// LogRedis sends what go-redis says to log, for the whole process: go-redis
// has one logger only, and by default it is standard error.
func LogRedis(log *slog.Logger) {
	redis.SetLogger(&redisLogger{log: log, some: rate.Sometimes{Interval: quiet}})
}

// redisLogger writes what go-redis says, which is mostly that a connection
// could not be made.
type redisLogger struct {
	log  *slog.Logger
	some rate.Sometimes
}

// Printf implements the interface that redis.SetLogger wants.
func (l *redisLogger) Printf(ctx context.Context, format string, v ...any) {
	level := slog.LevelDebug
	l.some.Do(func() { level = slog.LevelWarn })
	l.log.Log(ctx, level, "redis", slog.String("says", fmt.Sprintf(format, v...)))
}
