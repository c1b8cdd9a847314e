package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	_ "gocloud.dev/blob/s3blob" // opens s3://

	"hienke/internal/api"
	"hienke/internal/attachments"
	"hienke/internal/clamd"
	"hienke/internal/inspect"
	"hienke/internal/web"
)

// filesFolder lies in the data folder.
const filesFolder = "files"

// files are what the files of submissions stand on.
type files struct {
	bucket *blob.Bucket
	// folder is where the bucket lies on a disk of ours, empty elsewhere.
	folder    string
	scanner   *clamd.Scanner // nil: nothing is scanned
	inspector inspect.Inspector
}

// openFiles opens the bucket: a folder of ours alone, or one elsewhere.
func (a *App) openFiles(ctx context.Context) (err error) {
	if at := a.Config.Clamd.URL; at != "" {
		if a.files.scanner, err = clamd.New(at); err != nil {
			return err
		}
	}
	at := a.Config.Blob.URL
	if at == "" {
		at = "file://" + filepath.ToSlash(a.path(filesFolder))
	}
	u, err := url.Parse(at)
	if err != nil {
		return fmt.Errorf("read blob.url: %w", err)
	}
	if u.Scheme == "file" {
		folder := filepath.FromSlash(u.Path)
		if a.Config.Blob.URL == "" {
			folder = a.path(filesFolder) // may be relative
		}
		// Temporary files lie beside the others: a rename across disks fails.
		a.files.bucket, err = fileblob.OpenBucket(folder, &fileblob.Options{
			CreateDir: true, DirFileMode: 0o700, NoTempDir: true, Metadata: fileblob.MetadataDontWrite,
		})
		a.files.folder = folder
	} else {
		a.files.bucket, err = blob.OpenBucket(ctx, at)
	}
	if err != nil {
		return err
	}
	a.onClose(a.files.bucket.Close)
	a.onClose(a.files.inspector.Close)
	return nil
}

// attachments builds the use cases around files.
func (a *App) attachments(now func() time.Time) *attachments.Service {
	const megabyte = 1 << 20
	limits := a.Config.Files
	s := &attachments.Service{
		Store: a.Store, Registry: a.Data.Registry, Keys: a.Keys, Bucket: a.files.bucket,
		Limits:  attachments.Limits{Count: limits.Count, Size: int64(limits.SizeMB) * megabyte, Total: int64(limits.TotalMB) * megabyte},
		Inspect: a.files.inspector.Inspect, Now: now, NewRef: rand.Text, Committed: a.wakes.all,
	}
	if a.files.scanner != nil {
		s.Scanner = a.files.scanner
	}
	if a.files.folder != "" {
		s.Sync = func(keys []string) error { return syncFiles(a.files.folder, keys) }
	}
	return s
}

// syncFiles makes files and their names survive a loss of power.
func syncFiles(folder string, keys []string) error {
	seen := map[string]bool{}
	for _, key := range keys {
		path := filepath.Join(folder, filepath.FromSlash(key))
		for _, at := range []string{path, filepath.Dir(path), folder} {
			if seen[at] {
				continue
			}
			seen[at] = true
			f, err := os.Open(at)
			if err != nil {
				return err
			}
			if err := errors.Join(f.Sync(), f.Close()); err != nil {
				return err
			}
		}
	}
	return nil
}

// examineFiles tells where files lie and whether the scanner answers.
func (a *App) examineFiles(ctx context.Context) Check {
	c := Check{Name: "files", Finding: a.files.folder}
	if c.Finding == "" {
		c.Finding = "a bucket elsewhere"
	}
	ok, err := a.files.bucket.IsAccessible(ctx)
	if err == nil && !ok {
		err = errors.New("the bucket is not there or may not be used")
	}
	c.Err = err
	switch {
	case err != nil:
		c.Advice = "Check blob.url and its permissions."
	case a.files.scanner == nil:
		c.Finding += "; nothing is scanned for viruses"
		c.Advice = "Set clamd.url to a ClamAV daemon."
	default:
		if err := a.files.scanner.Ping(ctx); err != nil {
			c.Warning, c.Advice = true, "The scanner does not answer; files wait until it does: "+err.Error()
			return c
		}
		c.Finding += "; scanned by clamd"
	}
	return c
}

// formOverhead is what surrounds the files in the body of a form, in bytes.
const formOverhead = 1 << 20

// uploads are the routes that take whole files, with the size of their bodies.
func (a *App) uploads() map[string]int64 {
	out := map[string]int64{}
	for _, route := range append(web.UploadRoutes(), api.UploadRoutes()...) {
		out[route] = a.Attachments.Limits.Total + formOverhead
	}
	return out
}

// downloads are the routes that send files.
func downloads() []string { return append(web.DownloadRoutes(), api.DownloadRoutes()...) }
