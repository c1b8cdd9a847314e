package app

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"hienke/internal/audit"
)

// auditMarkFile lies beside the ledger of erasures, apart from the database:
// who cuts the end off the audit does not cut it off here.
const auditMarkFile = "audit.mark"

// marks keeps in a file how far the audit was found whole.
type marks struct{ path string }

// markJSON is the file.
type markJSON struct {
	Seq  int64     `json:"seq"`
	Hash string    `json:"hash"` // hex
	At   time.Time `json:"at"`
}

// Get implements audit.Marks.
func (m *marks) Get() (audit.Mark, error) {
	raw, err := os.ReadFile(m.path)
	if errors.Is(err, fs.ErrNotExist) {
		return audit.Mark{}, nil
	}
	if err != nil {
		return audit.Mark{}, err
	}
	var j markJSON
	if err := json.Unmarshal(raw, &j); err != nil {
		return audit.Mark{}, fmt.Errorf("read %s: %w", m.path, err)
	}
	out := audit.Mark{Seq: j.Seq, At: j.At}
	hash, err := hex.DecodeString(j.Hash)
	if err != nil || len(hash) != len(out.Hash) {
		return audit.Mark{}, fmt.Errorf("read %s: the hash is damaged", m.path)
	}
	copy(out.Hash[:], hash)
	return out, nil
}

// Put implements audit.Marks. The file is there whole or as it was.
func (m *marks) Put(at audit.Mark) error {
	raw, err := json.Marshal(markJSON{Seq: at.Seq, Hash: hex.EncodeToString(at.Hash[:]), At: at.At.UTC()})
	if err != nil {
		return err
	}
	fresh := m.path + ".new"
	if err := os.WriteFile(fresh, raw, 0o600); err != nil {
		return fmt.Errorf("keep how far the audit is whole: %w", err)
	}
	return os.Rename(fresh, m.path)
}

// auditMarks is where the doctor keeps its mark, nil where there is no place.
func (a *App) auditMarks() audit.Marks {
	switch {
	case a.Config.Keys.Erasures != "":
		return &marks{path: filepath.Join(filepath.Dir(a.Config.Keys.Erasures), auditMarkFile)}
	case a.embedded():
		return &marks{path: a.path(auditMarkFile)}
	}
	return nil
}
