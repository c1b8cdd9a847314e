package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/seal"
	"hienke/internal/store"
)

// keysFile is the name of the installation's key in the data folder.
const keysFile = "keys"

// ErrNoKeys says that there are data but not the key that reads them. Making a
// new key would lose every contact, so nothing is made up.
var ErrNoKeys = errors.New("there are data but no key to read them: put the file back from where you keep it")

// ErrOtherKeys says that the key is not the one that sealed the data. Going on
// would refuse every sender and seal new contacts with a second key.
var ErrOtherKeys = errors.New("the key is not the one that sealed these data: put the right file back")

// CreateKeys writes a fresh key to path, for the owner alone, and returns only
// when it is on the disk. An existing file is an error.
func CreateKeys(path string) error {
	key := make([]byte, seal.KeySize)
	if _, err := rand.Read(key); err != nil {
		return fmt.Errorf("draw a key: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make the key file: %w", err)
	}
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	err = errors.Join(err, f.Sync(), f.Close(), syncDir(filepath.Dir(path)))
	if err != nil {
		return fmt.Errorf("write the key file: %w", err)
	}
	return nil
}

// syncDir makes a new name in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// keyProbe is how many of the oldest submissions are looked at for a contact
// that proves the key: imported ones often have none.
const keyProbe = 100

// checkKeys fails with ErrOtherKeys when the key does not open the oldest
// contact. Where there is none, any key will do.
func (a *App) checkKeys(ctx context.Context) error {
	return a.Store.View(ctx, func(tx store.Tx) error {
		oldest, err := tx.Submissions().After(ctx, 0, keyProbe)
		if err != nil {
			return err
		}
		for _, sub := range oldest {
			opened, err := a.opens(ctx, tx, sub)
			if err != nil || opened {
				return err
			}
		}
		return nil
	})
}

// opens reports whether the submission has a contact that the key opens.
func (a *App) opens(ctx context.Context, tx store.Tx, sub civic.Submission) (bool, error) {
	sealed, err := tx.Contacts().Get(ctx, sub.ID)
	if k := errs.KindOf(err); err != nil && (k == errs.NotFound || k == errs.Gone) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if _, err := a.Keys.OpenContact(sub.Code, sealed.WrappedKey, sealed.Sealed); err != nil {
		return false, ErrOtherKeys
	}
	return true, nil
}

// loadKeys reads the key at path. With create, a first start makes it.
func loadKeys(path string, create bool) (*seal.Keys, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && create {
		if err := CreateKeys(path); err != nil {
			return nil, err
		}
		text, err = os.ReadFile(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, ErrNoKeys)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	master, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s does not hold a key", path) // never the error: it would tell digits
	}
	keys, err := seal.NewKeys(master)
	if err != nil {
		return nil, fmt.Errorf("%s does not hold a key of %d bytes", path, seal.KeySize)
	}
	return keys, nil
}
