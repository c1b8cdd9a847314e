package triage

import (
	"bytes"
	"context"
	"slices"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/store"
)

// otherFiles is why nearly the same text does not join by itself: what is meant
// may stand in the files, or be seen in the photographs.
const otherFiles matching.Reason = "other_files"

// addFileText puts what can be read in the files behind the text, for this
// reading alone: the submission is never written with it.
func (s *Service) addFileText(ctx context.Context, tx store.Tx, sub *civic.Submission) error {
	texts, err := casework.FileText(ctx, tx, s.Keys, []civic.SubmissionID{sub.ID}, false)
	if err == nil {
		sub.Body += texts[sub.ID]
	}
	return err
}

// fileSets are the digests of the files of submissions, each list sorted.
type fileSets map[civic.SubmissionID][][32]byte

// filesOf reads which files submissions have, and puts the text of the others'
// behind theirs.
func (s *Service) filesOf(ctx context.Context, tx store.Tx, sub civic.Submission, others []civic.Submission) (fileSets, error) {
	ids := []civic.SubmissionID{sub.ID}
	for _, o := range others {
		ids = append(ids, o.ID)
	}
	files, err := tx.Attachments().OfSubmissions(ctx, ids)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	sets := fileSets{}
	for id, list := range files {
		for _, a := range list {
			sets[id] = append(sets[id], a.Digest)
		}
		slices.SortFunc(sets[id], func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	}
	texts, err := casework.FileText(ctx, tx, s.Keys, ids[1:], false)
	for i := range others {
		others[i].Body += texts[others[i].ID]
	}
	return sets, err
}

// same reports whether two submissions have the same files.
func (f fileSets) same(a, b civic.SubmissionID) bool { return slices.Equal(f[a], f[b]) }
