package finding

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/store"
)

// shelfBatch bounds what one transaction writes to the public shelf: some 3,000
// postings, and as many counts while the shelf is new.
const shelfBatch = 100

// shelve brings the public shelf, by which visitors find similar cases, up to
// what the submissions look like now. It is done with the public index, under
// its lease and by its marks, but before the engine is asked, so that an engine
// that is away does not keep a new case from being offered. With anew, what has
// not changed is written again, too.
func (s *Service) shelve(ctx context.Context, subs []civic.Submission, anew bool) error {
	for len(subs) > 0 {
		n := min(len(subs), shelfBatch)
		if err := s.shelveSome(ctx, subs[:n], anew); err != nil {
			return fmt.Errorf("bring the public shelf up to date: %w", err)
		}
		subs = subs[n:]
	}
	return nil
}

func (s *Service) shelveSome(ctx context.Context, subs []civic.Submission, anew bool) error {
	ids := make([]civic.SubmissionID, len(subs))
	for i, sub := range subs {
		ids[i] = sub.ID
	}
	var known map[civic.SubmissionID]int64
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		known, err = tx.Shelf().Fingerprints(ctx, ids)
		return err
	})
	if err != nil {
		return err
	}
	fresh, gone := changed(subs, known, anew)
	if len(fresh)+len(gone) == 0 { // most changes of a case are not of its public text
		return nil
	}
	put, err := s.analyse(ctx, fresh)
	if err != nil {
		return err
	}
	return s.Store.Do(ctx, func(tx store.Tx) error {
		if err := tx.Shelf().Remove(ctx, gone); err != nil {
			return err
		}
		return tx.Shelf().Put(ctx, put)
	})
}

// changed parts submissions into those to put on the shelf and those to take
// off it. A case that follows another is not offered: its root is.
func changed(subs []civic.Submission, known map[civic.SubmissionID]int64, anew bool) (put []civic.Submission, remove []civic.SubmissionID) {
	for _, sub := range subs {
		print, there := known[sub.ID]
		switch wanted := sub.Visibility.Public() && sub.Root == 0; {
		case wanted && (anew || !there || print != publicFingerprint(sub)):
			put = append(put, sub)
		case !wanted && there:
			remove = append(remove, sub.ID)
		}
	}
	return put, remove
}

// analyse reads the public versions as matching will find them. The frequencies
// are those before the batch, and grow with it.
func (s *Service) analyse(ctx context.Context, subs []civic.Submission) ([]store.Shelved, error) {
	analyses := make([]*matching.Analysis, len(subs))
	var terms []int64
	for i, sub := range subs {
		analyses[i] = matching.Analyze(matching.Document{ID: int64(sub.ID), Title: sub.PublicTitle, Body: sub.PublicBody})
		terms = append(terms, analyses[i].Terms()...)
	}
	slices.Sort(terms)
	var freq matching.Frequencies
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		freq, err = tx.Shelf().Frequencies(ctx, slices.Compact(terms))
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]store.Shelved, len(subs))
	for i, sub := range subs {
		out[i] = store.Shelved{Submission: sub.ID, Fingerprint: publicFingerprint(sub), Terms: analyses[i].Salient(freq)}
		for _, t := range out[i].Terms {
			if t.Counted {
				freq[t.Hash]++
			}
		}
	}
	return out, nil
}

// publicFingerprint is of the public version.
func publicFingerprint(sub civic.Submission) int64 {
	sum := sha256.Sum256([]byte(sub.PublicTitle + "\x00" + sub.PublicBody)) // no text holds a zero byte
	return int64(binary.BigEndian.Uint64(sum[:]))
}
