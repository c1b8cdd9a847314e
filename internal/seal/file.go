package seal

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"hienke/internal/errs"
)

// FileKey seals what belongs to one file: its pieces, its name and its text.
// Destroying the wrapped key erases all of them, wherever copies lie.
type FileKey struct {
	own cipher.AEAD
	ref string
}

// NewFileKey draws a key for a file. Wrapped is what is kept of it; it opens
// for the same ref alone.
func (k *Keys) NewFileKey(ref string) (key *FileKey, wrapped []byte, err error) {
	plain := make([]byte, KeySize)
	if _, err := rand.Read(plain); err != nil {
		return nil, nil, fmt.Errorf("draw a file key: %w", err)
	}
	own, err := newAEAD(plain)
	if err != nil {
		return nil, nil, fmt.Errorf("make the file's cipher: %w", err)
	}
	wrapped = k.wrap.Seal(nil, nil, plain, fileContext(ref, "key", 0)) //nolint:gosec // the cipher draws its own nonces
	return &FileKey{own, ref}, wrapped, nil
}

// FileKey opens a wrapped key. None, because it was destroyed, is Gone with
// code file.erased; one of another file or installation is Internal.
func (k *Keys) FileKey(ref string, wrapped []byte) (*FileKey, error) {
	if len(wrapped) == 0 {
		return nil, errs.New(errs.Gone, "file.erased")
	}
	plain, err := k.wrap.Open(nil, nil, wrapped, fileContext(ref, "key", 0))
	if err != nil {
		return nil, errs.Wrap(errs.Internal, "file.unreadable", err)
	}
	own, err := newAEAD(plain)
	if err != nil {
		return nil, errs.Wrap(errs.Internal, "file.unreadable", err)
	}
	return &FileKey{own, ref}, nil
}

// Seal seals one part of the file. What names it ("piece", "name", "text"), and
// at says where a piece belongs: neither can take another's place.
func (f *FileKey) Seal(what string, at int64, plain []byte) []byte {
	return f.own.Seal(nil, nil, plain, fileContext(f.ref, what, at)) //nolint:gosec // the cipher draws its own nonces
}

// Open reads what Seal sealed. Data that was changed is Internal with code
// file.unreadable.
func (f *FileKey) Open(what string, at int64, sealed []byte) ([]byte, error) {
	plain, err := f.own.Open(nil, nil, sealed, fileContext(f.ref, what, at))
	if err != nil {
		return nil, errs.Wrap(errs.Internal, "file.unreadable", err)
	}
	return plain, nil
}

func fileContext(ref, what string, at int64) []byte {
	b := append([]byte("file\x00"), ref...)
	b = append(append(b, 0), what...)
	return binary.BigEndian.AppendUint64(append(b, 0), uint64(at))
}
