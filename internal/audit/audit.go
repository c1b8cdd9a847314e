// Package audit makes one chain of every log of the system that only grows:
// what happened to cases, who read them, who looked at contacts, what was
// changed about accounts, rules and models. Whoever alters, removes, inserts or
// reorders a line breaks it where everybody can see.
//
// The logs are written in the transactions of what they tell about. A sealer
// comes behind and adds their lines to the chain, in bounded batches and at a
// bounded rate, so that nobody waits for it. Each entry holds a hash over the
// line and the hash before it, which needs no secret to check; each batch ends
// with a seal, which takes the installation's key to make, so that who has the
// database alone cannot write the chain anew.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/seal"
	"hienke/internal/store"
)

// Service keeps the audit.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Keys     *seal.Keys
	Now      func() time.Time
	// Holder names this process among those that may seal.
	Holder string
	// Marks is where the doctor keeps how far the chain was found whole; nil
	// keeps nothing, and every walk begins at the beginning.
	Marks Marks

	swept atomic.Int64 // when late lines were last looked for, Unix seconds
}

const (
	// batch is how many lines are sealed at once. With one batch a second it is
	// also the rate: 172 million lines a day, and a hundredth of a second in
	// which SQLite's one writer is not free for others.
	batch = 2000
	// lateEvery is how often lines are looked for whose transaction ended after
	// that of a line behind them.
	lateEvery = time.Minute
	// leaseTime is long enough for the slowest batch.
	leaseTime = 30 * time.Second
	leaseName = "audit"
)

// Seal adds what the logs have gained to the chain, up to one batch, and
// returns how many lines that were. While another process seals it does
// nothing.
func (s *Service) Seal(ctx context.Context) (sealed int, err error) {
	now := s.Now()
	late := now.Unix()-s.swept.Load() >= int64(lateEvery/time.Second)
	if !late {
		waiting := false
		err := s.Store.View(ctx, func(tx store.Tx) error {
			lines, err := tx.Audit().Unsealed(ctx, 1, false)
			waiting = len(lines) > 0
			return err
		})
		if err != nil || !waiting {
			return 0, err
		}
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		sealed = 0
		ours, err := tx.Leases().Take(ctx, leaseName, s.Holder, now, leaseTime)
		if err != nil || !ours {
			return err
		}
		lines, err := tx.Audit().Unsealed(ctx, batch, late)
		if err != nil {
			return err
		}
		last, err := tx.Audit().Last(ctx)
		if err != nil && errs.KindOf(err) != errs.NotFound {
			return err
		}
		sealed = len(lines)
		return tx.Audit().Append(ctx, s.chain(last, lines, now), now)
	})
	if err != nil {
		return 0, fmt.Errorf("seal the audit: %w", err)
	}
	if late {
		s.swept.Store(now.Unix())
	}
	return sealed, nil
}

// chain makes entries of lines, behind the last one there is.
func (s *Service) chain(last store.AuditEntry, lines []store.AuditLine, now time.Time) []store.AuditEntry {
	out := make([]store.AuditEntry, len(lines))
	seq, before := last.Seq, last.Hash
	for i, l := range lines {
		seq++
		e := store.AuditEntry{AuditLine: l, Seq: seq, Mark: s.mark(l), SealedAt: now}
		e.Text = ""
		e.Hash = hashOf(e, before)
		before, out[i] = e.Hash, e
	}
	if n := len(out); n > 0 {
		out[n-1].Seal = s.sealOf(out[n-1])
	}
	return out
}

// mark stands for the free text of a line: the same text in another line has
// another one, and without the key nobody can try texts.
func (s *Service) mark(l store.AuditLine) string {
	if l.Text == "" {
		return ""
	}
	return s.Keys.Stamp("audit text", string(l.Source)+"\x00"+strconv.FormatInt(l.SourceID, 10)+"\x00"+l.Text)
}

// sealOf proves that the chain up to e was written with the installation's key.
func (s *Service) sealOf(e store.AuditEntry) string { return s.Keys.Stamp("audit", sealed(e)) }

// sealed is what a seal covers.
func sealed(e store.AuditEntry) string {
	return strconv.FormatInt(e.Seq, 10) + " " + hex.EncodeToString(e.Hash[:])
}

// Line is an entry as it is hashed and exported: the hash is SHA-256 of exactly
// this JSON, without a line end.
type Line struct {
	Seq        int64  `json:"seq"`
	Source     string `json:"source"`
	SourceID   int64  `json:"source_id"`
	At         string `json:"at"` // RFC 3339 in UTC, with microseconds
	Actor      string `json:"actor"`
	User       int64  `json:"user"`
	What       string `json:"what"`
	Submission int64  `json:"submission"`
	Subject    string `json:"subject"`
	Agency     string `json:"agency"`
	Detail     string `json:"detail"`
	Mark       string `json:"mark"`
	Before     string `json:"before"` // the hash of the entry before it, in hex
}

const microseconds = "2006-01-02T15:04:05.000000Z"

// Encode writes an entry as it is hashed. before is the hash of the one before
// it, zero for the first.
func Encode(e store.AuditEntry, before [32]byte) []byte {
	b, err := json.Marshal(Line{
		Seq: e.Seq, Source: string(e.Source), SourceID: e.SourceID, At: e.At.UTC().Format(microseconds), Actor: string(e.Actor), User: int64(e.User),
		What: e.What, Submission: int64(e.Submission), Subject: e.Subject, Agency: string(e.Agency), Detail: e.Detail, Mark: e.Mark,
		Before: hex.EncodeToString(before[:]),
	})
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return b
}

func hashOf(e store.AuditEntry, before [32]byte) [32]byte { return sha256.Sum256(Encode(e, before)) }
