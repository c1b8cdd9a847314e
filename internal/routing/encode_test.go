package routing

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
)

// small is a model of a few texts.
func small(t testing.TB) *Model {
	t.Helper()
	m, err := Train(t.Context(), []Example{
		{Text: "sáng chế", Label: "most", Seed: true}, {Text: "bệnh viện huyện", Label: "moh", Seed: true},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// content is what a model is stored as, before it is compressed.
func content(t testing.TB, m *Model) []byte {
	t.Helper()
	sealed, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	c, err := io.ReadAll(flate.NewReader(bytes.NewReader(sealed[1+sha256.Size:])))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBrokenContentWithARightChecksumIsRefused(t *testing.T) {
	t.Parallel()
	good := content(t, small(t))
	nan := slices.Clone(good)
	binary.LittleEndian.PutUint64(nan[len(nan)-8:], 0x7ff8000000000001)
	cases := map[string][]byte{
		"nothing": nil, "no number": {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"two billion labels":       append([]byte{0}, binary.AppendUvarint(nil, 2<<30-1)...),
		"two billion features":     slices.Concat([]byte{0, 1, 1, 'a', 0}, binary.AppendUvarint(nil, 2<<30-1), []byte{0}),
		"more words than features": {0, 1, 1, 'a', 0, 0, 1, 2},
		"a little more":            append(slices.Clone(good), 0),
		"a number that is none":    nan,
	}
	for cut := range good {
		cases[fmt.Sprintf("cut at %d", cut)] = good[:cut]
	}
	for name, c := range cases {
		data, err := seal(c)
		if err != nil {
			t.Fatal(err)
		}
		var m Model
		if err := m.UnmarshalBinary(data); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAModelOfAnotherFormatSaysThatItMustBeTrainedAnew(t *testing.T) {
	t.Parallel()
	data, err := small(t).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	data[0]--
	var m Model
	if err := m.UnmarshalBinary(data); !errors.Is(err, ErrFormat) || !errors.Is(err, ErrBroken) {
		t.Errorf("got %v", err)
	}
	data[0]++
	data[len(data)/2] ^= 1
	if err := m.UnmarshalBinary(data); errors.Is(err, ErrFormat) || !errors.Is(err, ErrBroken) {
		t.Errorf("a flipped bit: got %v", err)
	}
}

func TestAFewBytesDoNotBlowUp(t *testing.T) {
	t.Parallel()
	data, err := seal(make([]byte, 64<<20))
	if err != nil {
		t.Fatal(err)
	}
	if err := new(Model).UnmarshalBinary(data); !errors.Is(err, ErrBroken) {
		t.Errorf("%d bytes that unpack to 64 MB: %v", len(data), err)
	}
}

// FuzzContent hands over whatever has a right checksum.
func FuzzContent(f *testing.F) {
	good := content(f, small(f))
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte{0, 1, 1, 'a', 0, 0, 0, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		sealed, err := seal(data)
		if err != nil {
			t.Fatal(err)
		}
		var m Model
		if m.UnmarshalBinary(sealed) != nil {
			return
		}
		for _, s := range m.Classify("sáng chế của bệnh viện") {
			if !(s.Probability >= 0 && s.Probability <= 1) {
				t.Errorf("probability %v", s.Probability)
			}
		}
	})
}
