package casework

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/seal"
	"hienke/internal/store"
)

// CodeFileRemoved is the reason of a file whose key was destroyed while its bytes
// may still lie in the store. Nobody is shown it, and the sweep of files takes
// what is left.
const CodeFileRemoved = "file.removed"

// FileName opens the name of a file. Of one whose key was destroyed there is none:
// erased reports that.
func FileName(keys *seal.Keys, a store.Attachment) (name string, erased bool, err error) {
	key, err := keys.FileKey(a.Ref, a.WrappedKey)
	if a.Reason == CodeFileRemoved || err != nil && errs.KindOf(err) == errs.Gone {
		return "", true, nil
	}
	if err != nil {
		return "", false, err
	}
	plain, err := key.Open("name", 0, a.SealedName)
	return string(plain), false, err
}

// MatchAfter is how long a submission waits at most to be matched until its
// files are looked into. A scanner that is away holds nothing back for longer.
const MatchAfter = 10 * time.Minute

// maxFilesText bounds what the files of one submission bring to matching,
// routing and search, in bytes: about as much as the longest submission.
const maxFilesText = 150_000

// FileText returns what can be read in the clean files of each submission, of
// the published ones alone with public. What was erased is left out.
func FileText(
	ctx context.Context, tx store.Tx, keys *seal.Keys, ids []civic.SubmissionID, public bool,
) (map[civic.SubmissionID]string, error) {
	files, err := tx.Attachments().OfSubmissions(ctx, ids)
	if err != nil || len(files) == 0 {
		return nil, err
	}
	out := map[civic.SubmissionID]string{}
	for id, list := range files {
		// The same files in another order are the same text.
		slices.SortStableFunc(list, func(a, b store.Attachment) int { return bytes.Compare(a.Digest[:], b.Digest[:]) })
		var b strings.Builder
		for _, a := range list {
			if len(a.SealedText) == 0 || public && !a.Public || b.Len() > maxFilesText {
				continue
			}
			key, err := keys.FileKey(a.Ref, a.WrappedKey)
			if err != nil && errs.KindOf(err) == errs.Gone {
				continue
			}
			if err != nil {
				return nil, err
			}
			text, err := key.Open("text", 0, a.SealedText)
			if err != nil {
				return nil, err
			}
			b.WriteString("\n\n")
			b.Write(text)
		}
		out[id] = strings.ToValidUTF8(b.String()[:min(b.Len(), maxFilesText)], "")
	}
	return out, nil
}
