package frontend_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"testing"

	"hienke/frontend"
)

func TestTheManifestNamesWhatWasBuilt(t *testing.T) {
	t.Parallel()
	m, err := frontend.LoadManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"public.css", "staff.css", "public.js", "favicon.svg"} {
		hashed := m[name]
		plain, err := fs.ReadFile(frontend.Assets(), hashed)
		if err != nil || len(plain) == 0 || hashed == name {
			t.Errorf("%s is %q in the manifest: %v", name, hashed, err)
			continue
		}
		packed, err := fs.ReadFile(frontend.Assets(), hashed+".gz")
		if err != nil {
			t.Error(err)
			continue
		}
		unpack, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Error(err)
			continue
		}
		if got, err := io.ReadAll(unpack); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s.gz does not hold what %s holds: %v", hashed, hashed, err)
		}
		if _, err := fs.Stat(frontend.Assets(), hashed+".br"); err != nil {
			t.Error(err)
		}
	}
}
