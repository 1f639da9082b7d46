#!/bin/sh
# descent data import: every form of data, whole and broken, and training on what came of it; eval --image. Speaks TAP.
#
#     test_import.sh DESCENT PYTHON
set -u
# shellcheck source=/dev/null
. "$(dirname "$0")/../tap.sh"

descent=$(realpath "$1")
python=$2
sources=$(realpath "$(dirname "$0")")/sources.py
own_folder
"$python" "$sources" make s

holds() { # FOLDER PART TITLE: what stands on stdin
    { cat >wanted && "$python" "$sources" pixels "$1" "$2" >got 2>why && diff wanted got >why; }
    ok $? "$3"
}
imports() { # TITLE SOURCE FOLDER [OPTION ...]
    title=$1 from=$2 to=$3
    shift 3
    rm -rf "$to"
    ends_with 0 "$title" data import "$from" -o "$to" "$@"
}
same_sets() { # FOLDER FOLDER TITLE
    diff -r "$1" "$2" >why 2>&1
    ok $? "$3"
}

# ---- folders of pictures ----

imports 'pictures in a folder for each class' s/pets pets
prints 'pets: 15 images of 3 classes, 4 x 3: 12 to train, 3 to test' 'said: how many'
prints '1 4 1 cat' 'said: of which classes'
prints '2 files are no picture: left out' 'said: what was left out'
prints 'dataset: {name: idx, dir: pets}' 'said: how a spec names it'
printf 'bird\ncat\ndog\n' | cmp - pets/classes.txt >why 2>&1
ok $? 'classes are the folders sorted by name'
pixels() { # LABEL VALUE: a picture of one value
    printf '%s' "$1"
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do printf ' %s' "$2"; done
    echo
}
{
    echo 12x3x4
    for i in 0 1 2 3; do
        for k in 0 1 2; do pixels $k $((10 * k + i)); done
    done
} >want
holds pets train 'the first four of each class are trained on, classes in turn' <want
{
    echo 3x3x4
    for k in 0 1 2; do pixels $k $((10 * k + 4)); done
} >want
holds pets t10k 'the last of each is the test set' <want
imports 'another share for the test' s/pets pets --test 0.4
prints '9 to train, 6 to test' '... is another share'
imports 'train/ and test/ above the classes' s/split split
{
    echo 4x3x4
    for k in 0 1; do for i in 0 1; do pixels $k $((100 + 10 * k + i)); done; done
} >want
holds split t10k 'are the split' <want
message 2 'has a test set of its own: --test is of no use' 'which --test does not change' data import s/split -o other --test 0.2

imports 'every kind of grey PNG' s/kinds kinds --test 0.25
{
    echo 6x3x4
    pixels 0 200 && pixels 1 200 && pixels 0 200 && pixels 1 255 && pixels 0 200 && pixels 1 200
} >want
holds kinds train 'says the same; what is transparent is white' <want
prints '1 picture was transparent in places: laid over white' 'said: what was transparent'
prints '1 picture had 16 bits a channel: rounded to 8' 'said: what had 16 bits'
prints "grey: every picture's red, green and blue are equal" 'said: that all are grey'

imports 'colours' s/colour colour --test 0.25
{
    echo 6x3x2x2
    for i in 0 1 2; do for k in 0 1; do echo "$k $i $i $i $i 100 100 100 100 200 201 200 201"; done; done
} >want
holds colour train 'are three planes' <want
prints 'in colour: 6 to train' 'said: in colour'
imports 'colours made grey' s/colour grey --test 0.25 --grey
{
    echo 6x2x2
    # 0.299 i + 0.587 * 100 + 0.114 * 200, rounded: 81.5, 81.8, 82.1
    for i in '82 82 82 82' '82 82 82 82' '82 82 82 82'; do for k in 0 1; do echo "$k $i"; done; done
} >want
holds grey train 'are one' <want
prints 'grey: 0.299 red + 0.587 green + 0.114 blue' 'said: how'

message 3 's/sizes/a/1.png is 6 x 8, s/sizes/a/0.png is 4 x 4: --size 4x4 makes them alike' 'sizes that differ' data import s/sizes -o sizes
[ ! -e sizes ]
ok $? 'leave nothing behind'
imports 'sizes made alike' s/sizes sizes --size 2x3
# of 6 columns 0 255 0 255 0 255, the first three hold 0 255 0: a third of 255
{
    echo 4x3x2
    for k in 0 1; do echo "$k 128 128 128 128 128 128"; done
    for k in 0 1; do echo "$k 85 170 85 170 85 170"; done
} >want
holds sizes train 'by the mean of what a pixel covers' <want
prints 'sizes: 4 x 4 to 8 x 12; 6 of 6 resized to 2 x 3, stretched' 'said: from what, and that they are stretched'
imports 'dark on light' s/light light --test 0.25
prints 'dark on light: the outermost pixels are 250 of 255 in the mean' 'said, with --invert'
imports 'inverted' s/light inverted --test 0.25 --invert
{
    echo 6x6x6
    dark='5 5 5 5 5 5'
    for k in 0 1 0 1 0 1; do echo "$k $dark $dark 5 5 255 255 5 5 5 5 255 255 5 5 $dark $dark"; done
} >want
holds inverted train '... is light on dark' <want
! grep -q 'dark on light' out
ok $? '... and no more said to be otherwise'

imports 'pictures as large as a run takes' s/largest largest --test 0.5
cat >largest.yaml <<'END'
dataset: {name: idx, dir: largest, validation: 0}
model: {name: softmax}
train: {epochs: 1, batch_size: 2}
optimizer: {name: sgd, lr: 0.01}
END
ends_with 0 'are read again' run largest.yaml -q -o largest-run
imports 'colours made grey are a third' s/largest-colour largest-grey --test 0.5 --grey

# ---- tables ----

imports 'a CSV without a header: the label first' s/plain.csv plain
{
    echo 12x2x2
    i=0
    while [ $i -lt 12 ]; do
        echo "$((i % 3)) $((7 * i + 5)) $((7 * i + 6)) $((7 * i + 7)) $((7 * i + 8))"
        i=$((i + 1))
    done
} >want
holds plain train 'rows in their order, a square of pixels each' <want
for form in header.csv crlf.csv quoted.csv packed.csv.gz; do
    imports "$form" s/$form table
    same_sets plain table "$form: the same set"
done
imports 'labels in the last column, texts' s/last.csv last --label 5
printf 'ant\nbee\ncat\n' | cmp - last/classes.txt >why 2>&1
ok $? 'are sorted'
prints 'labels: column 5 of 5; no row of names' 'said: which column'
[ "$("$python" "$sources" pixels last train | cut -d ' ' -f 1 | head -n 4 | tr '\n' ' ')" = '12x2x2 2 0 1 ' ]
ok $? 'and numbered so'
imports 'a column by its name' s/named.csv named --label kind
same_sets last named 'is the same set'
imports 'one of two columns of a name, by its number' s/twice.csv twice --label 4
grep -qF "column 1 (label) is taken as a pixel, as all columns but the label's" err
ok $? 'warned: the other one is a pixel'
imports 'a column of row numbers' s/numbered.csv numbered
grep -qF 'column 1 (ID) is taken as a pixel' err
ok $? 'warned: they are pixels'
imports 'names that are numbers, --label y' s/numbers.csv numbers --label y
same_sets plain numbers 'the same set'
imports 'nine names that count up, --label y' s/pandas.csv pandas --label y
cp -r pandas wanted-set
imports 'the same, --label 10' s/pandas.csv pandas --label 10
same_sets wanted-set pandas 'are no row of pixels'
imports 'labels -1, 1, 10' s/signs.csv signs
printf -- '-1\n1\n10\n' | cmp - signs/classes.txt >why 2>&1
ok $? 'are sorted as numbers'
for first in 0 1; do
    imports "names that count from $first beyond what a pixel is" s/count$first-256.csv counted
    prints "labels: column 1 of 257, '$first'" 'said: which column'
    imports 'the same with names' s/wide-256.csv names
    same_sets names counted 'are no image'
done
imports 'equal numbers spelt in several ways' s/spelt.csv spelt
printf -- '-1\n7.5\n300\n' | cmp - spelt/classes.txt >why 2>&1
ok $? 'are one class'
imports 'the same spelt in one' s/spelt-once.csv once
same_sets once spelt 'is the same set'
imports 'numbers beyond 2^53' s/large.csv large
[ "$(wc -l <large/classes.txt)" -eq 3 ]
ok $? 'stay apart'
imports 'signs' s/signs-text.csv signs-text
printf -- '-\n1.0\n?\n' | cmp - signs-text/classes.txt >why 2>&1
ok $? 'are classes'
imports 'images that are too large to be trained on are made smaller' s/larger.csv.gz smaller --size 2x2 --test 0.5
"$python" "$sources" pixels smaller train | head -n 2 | tail -n 1 | grep -qx '0 9 9 9 9'
ok $? '... as asked'
imports 'pixels that are no square' s/wide.csv wide --size 3x2
"$python" "$sources" pixels wide train | head -n 1 | grep -qx '12x2x3'
ok $? 'lie as --size says'
imports 'rows sorted by their labels' s/sorted.csv sorted
prints 'dataset: {name: idx, dir: sorted, validation_split: stratified}' 'are to be split by class'

# ---- arrays ----

imports 'an .npz as Keras has it' s/keras.npz keras
{
    echo 3x2x3
    echo 0 100 101 102 103 104 105
    echo 1 106 107 108 109 110 111
    echo 2 112 113 114 115 116 117
} >want
holds keras t10k 'its test set is the test set' <want
for form in stored big-endian; do
    imports "$form" s/$form.npz array
    same_sets keras array "$form: the same set"
done
imports 'no test set' s/no-test.npz no-test
prints '9 to train, 3 to test' 'a fifth of each class'
imports 'channels last' s/last-channel.npz channels
printf '2x3x2x2\n0 0 3 6 9 1 4 7 10 2 5 8 11\n1 12 15 18 21 13 16 19 22 14 17 20 23\n' >want
holds channels t10k 'become planes' <want
imports 'channels first' s/first-channel.npz channels
printf '2x3x2x2\n0 0 1 2 3 4 5 6 7 8 9 10 11\n1 12 13 14 15 16 17 18 19 20 21 22 23\n' >want
holds channels t10k 'are planes' <want
imports 'rows of pixels' s/flat.npz flat
prints '3 x 3: 9 to train' 'are squares'

# ---- CIFAR-10 ----

imports "CIFAR-10's archive" s/cifar.tar.gz cifar
prints '32 x 32 in colour: 10 to train, 2 to test' 'its batches are the split'
prints '9 1 0 truck' 'with the names of its classes'
imports 'the same unpacked' s/cifar.tar unpacked
same_sets cifar unpacked 'is the same set'

# ---- what is refused, with its place and what to do ----

while IFS='|' read -r want source options text; do
    rm -rf bad
    # shellcheck disable=SC2086 # words
    run data import "s/$source" -o bad $options
    says "$want" "$text" "refused: $source $options"
    [ ! -e bad ] || ok 1 "... and leaves nothing: $source"
done <<'END_CASES'
3|empty-class||s/empty-class/b holds no PNG file: a class needs images
3|one-class||s/one-class holds images of one class only
3|nothing||holds no folders: pictures lie in a folder for each class
3|larger||s/larger/a/0.png: an image of 1001 x 1000 has 1001000 numbers, and at most 1000000 are trained on: --size 1000x999 makes it smaller
3|largest-colour||an image of 600 x 600 in colour has 1080000 numbers, and at most 1000000 are trained on: --size 577x577, or --grey, makes it smaller
2|pets|--size 4096x4096|--size is too large for s/pets/bird/00.png: an image of 4096 x 4096 has 16777216 numbers, and at most 1000000 are trained on: --size 1000x1000 makes it smaller
2|plain.csv|--size 1001x1000|--size is too large for s/plain.csv:1: an image of 1001 x 1000
3|jpeg||s/jpeg/b/2.jpg is no PNG, and only PNG files are read; ImageMagick's 'mogrify -format png s/jpeg/b/*.jpg'
3|jpeg-as-png||s/jpeg-as-png/b/2.png is a JPEG: ImageMagick's 'convert jpeg:FILE png:NEW'
3|not-png||s/not-png/b/2.png is no PNG, whatever its name
3|cut||s/cut/b/2.png is not a valid PNG: the file ends too early
3|crc||s/crc/b/2.png is not a valid PNG
3|nested||s/nested/b/more is a folder within a class
3|bomb||s/bomb/b/2.png is not a valid PNG: it has more than
3|three||s/three/valid stands beside train/ and test/
3|lone||import s/lone/train
3|unknown||s/unknown/test/c: there is no such class in train/
3|many||at most 256 classes
3|../keras||holds files that are read as they are: 'dataset: {name: idx, dir: s/../keras}'
3|missing||s/missing: No such file or directory
3|fraction.csv||s/fraction.csv:16: column 2: '0.5' is no pixel
3|big.csv||s/big.csv:16: column 2: '256' is no pixel
3|short.csv||s/short.csv:16: 2 cells; the first row has 5
3|long.csv||s/long.csv:16: 6 cells; the first row has 5
3|semicolon.csv||s/semicolon.csv:1: one column only: the cells of a CSV have commas between them; pandas makes some: read_csv(FILE, sep=None
3|german.csv||read_csv(FILE, sep=None, engine='python', decimal=',').to_csv(NEW
3|german-later.csv||read_csv(FILE, sep=None, engine='python', decimal=',').to_csv(NEW
3|blank-semicolon.csv||s/blank-semicolon.csv:4: one column only
3|hole.csv||s/hole.csv:16: column 2: '' is no pixel: a value is missing; fill it, or leave the row out (pandas: dropna())
3|nan.csv||s/nan.csv:16: column 2: 'NaN' is no pixel: a value is missing
3|fraction.csv||values from 0 to 1 are to be multiplied by 255 and rounded first
3|open.csv||s/open.csv:16: column 1: a quote opens here and is not closed up to the end of the file
3|open-header.csv||s/open-header.csv:1: column 2: a quote opens here and is not closed up to the end of the file
3|behind.csv||s/behind.csv:16: column 2: text stands behind the quote that closes a cell
3|before.csv||s/before.csv:16: column 3: a space stands before the quote that opens a cell: take it away
3|lines.csv||s/lines.csv:18: column 2 (p...): 'x' is no pixel
3|long-cell.csv||s/long-cell.csv:16: column 2: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' is no pixel
3|count0.csv||s/count0.csv:1: '0' ... '4': an image, or numbers in place of names, as pandas writes them? If these are names, take the row away ('sed 1d FILE > NEW')
3|count0.csv|--label 5|s/count0.csv:1: '0' ... '4': an image, or numbers in place of names
3|count1.csv||s/count1.csv:1: '1' ... '5': an image, or numbers in place of names
3|count-text.csv||s/count-text.csv:1: 'y' ... '3': an image, or numbers in place of names
3|NaN-label.csv||s/NaN-label.csv:16: column 1: 'NaN' is no label: a value is missing; leave the row out
3|NA-label.csv||column 1: 'N/A' is no label: a value is missing
3|null-label.csv||column 1: 'null' is no label: a value is missing
3|None-label.csv||column 1: 'None' is no label: a value is missing
3|nul.csv||is zero: this is no text
3|nolabel.csv||s/nolabel.csv:16: column 1: '' is no label
3|classes.csv||s/classes.csv:257: column 1: 'c256' is the 257th class
3|one.csv||one class only
3|header-only.csv||s/header-only.csv holds no image
3|blank-index.csv||s/blank-index.csv:4: the first column has no name
3|index.csv||s/index.csv:1: the first column has no name: an index of the rows?
3|wide.csv||s/wide.csv: 6 pixels are no square; --size WIDTHxHEIGHT says how they lie
3|last.csv||--label says which column is the label
3|empty.csv||s/empty.csv is empty
3|commas.csv.gz||s/commas.csv.gz:1: more than 1000001 cells, and a row is an image and its label
3|larger.csv.gz||s/larger.csv.gz:1: more than 1000001 cells, and a row is an image and its label: images of at most 1000000 pixels are trained on; --size WIDTHxHEIGHT makes larger ones smaller
3|one.png||s/one.png is one picture
3|one.npy||s/one.npy is one array; numpy.savez
3|train-images-idx3-ubyte||is an IDX file: no import is needed
3|data.bin||is neither a folder of PNG files, nor a CSV, nor an .npz, nor CIFAR-10's archive
2|named.csv|--label colour|--label colour: s/named.csv has no column of that name; its columns have the numbers 1 to 5
2|named.csv|--label kinds|s/named.csv has no column of that name; did you mean '--label kind'?
2|named.csv|--label 6|s/named.csv has no column of that number or name; its columns have the numbers 1 to 5
3|twice.csv||s/twice.csv:1: columns 1 and 4 are both named 'label'; '--label 4' takes the labels from the second
3|twice.csv|--label p0|s/twice.csv:1: columns 2 and 3 are both named 'p0'; '--label 3'
2|plain.csv|--label 6|has no row of names; its columns have the numbers 1 to 5
2|plain.csv|--label 0|has no row of names; its columns have the numbers 1 to 5
2|pets|--label 1|--label is of a CSV; s/pets is a folder
2|pets|--test 1|--test
2|pets|--test 0|--test
2|pets|--size 28|--size is WIDTHxHEIGHT in pixels
2|pets|--size 0x4|--size is WIDTHxHEIGHT in pixels
2|pets|--size 99999999999999999999x4|--size is WIDTHxHEIGHT in pixels
3|pets|--test 0.01|no class has enough images for a test set of 0.01 of each; '--test 0.2' takes one of 5
3|last-word.csv||a class needs two (labels: column 1 of 5, 'p0'; --label names another column)
3|one.csv||there is nothing to tell apart (labels: column 1 of 5; no row of names; --label names another column)
3|returns.csv||s/returns.csv: its lines end with a carriage return alone
3|comment.csv||s/comment.csv:1: a comment
3|utf16.csv||s/utf16.csv is text in UTF-16; 'iconv -f UTF-16 -t UTF-8 FILE > NEW'
3|few.csv||each class has one image only, which is trained on; for a test set, a class needs two
3|few.csv|--test 0.9|each class has one image only, which is trained on; for a test set, a class needs two
3|float.npz||s/float.npz: x_train: has fractions (float32), and pixels are whole numbers from 0 to 255: in numpy, (255 * x).round().astype('uint8')
3|fortran.npz||s/fortran.npz: x_train: stands column after column (Fortran's order); numpy.ascontiguousarray(x) turns it
3|objects.npz||s/objects.npz: y_train: its numbers are of no plain type
3|texts.npz||s/texts.npz: y_train: holds texts; labels are whole numbers from 0 to 255: in numpy, numpy.unique(y, return_inverse=True)[1] makes them
3|other-names.npz||but target.npy, data.npy; in numpy: d = numpy.load('s/other-names.npz'); numpy.savez('own.npz', x_train=d['data'], y_train=d['target'])
3|it's.npz||d = numpy.load('s/it\'s.npz'); numpy.savez('own.npz', x_train=d['data'], y_train=d['the y\'s'])
3|pictures.zip||s/pictures.zip is a zip archive of pictures: unpack it, and import the folder
3|negative.npz||s/negative.npz: y_train: the label -1 in image 2 lies beyond 0 to 255
3|beyond.npz||s/beyond.npz: x_train: the pixel 300 in image 3 lies beyond 0 to 255
3|beyond-signed.npz||s/beyond-signed.npz: x_train: the pixel 18446744073709551615 in image 3 lies beyond 0 to 255
3|negative-8.npz||s/negative-8.npz: x_train: the pixel -9223372036854775808 in image 3 lies beyond 0 to 255
3|one-hot-floats.npz||y.argmax(axis=1) where they are one-hot
3|truths.npz||s/truths.npz: x_train: holds truth values; pixels are whole numbers from 0 to 255: in numpy, 255 * x.astype('uint8')
3|one-hot.npz||y.argmax(axis=1) where they are one-hot
3|fewer.npz||s/fewer.npz: y_train: 11 labels for the 12 images of
3|shape.npz||s/shape.npz: x_train: its shape asks for other than the 72 bytes there are
3|huge.npz||s/huge.npz: x_train: its shape
3|scalar.npz||s/scalar.npz: x_train: its shape
3|line.npz||s/line.npz: x_train: 1 dimension; images are (N, rows, columns)
3|dot.npz||s/dot.npz: x_train: the pixel 256 in image 11 lies beyond 0 to 255
3|rgba.npz||none of 1 or 3 channels
3|half.npz||s/half.npz holds x_test without y_test
3|names.npz||s/names.npz holds no x_train and y_train (and x_test and y_test, where there is a test set), but y_train.npy, x_test.npy, y_test.npy
3|no-array.npz||s/no-array.npz: x_train: not a sound .npy file
3|unseen.npz||class 7 has test images but none to train on
3|other-test.npz||s/other-test.npz: x_test[0] is 3 x 3
3|cut.npz||s/cut.npz: not a sound zip file: it is cut short
3|extra.npz||s/extra.npz: 1 byte after the end of the zip file: copy it again
3|extras.npz||s/extras.npz: 100000 bytes after the end of the zip file: copy it again
3|damaged.npz||s/damaged.npz
3|bomb.npz||s/bomb.npz: 'y_test.npy'
3|beyond-end.npz||s/beyond-end.npz: not a sound zip file
3|locked.npz||s/locked.npz: 'x_train.npy' is encrypted
3|missing.tar.gz||s/missing.tar.gz holds no data_batch_3.bin
3|twice.tar.gz||s/twice.tar.gz holds test_batch.bin twice
3|label.tar.gz||s/label.tar.gz: data_batch_1.bin: label 10 of image 0
3|python.tar.gz||is CIFAR-10's version for Python; the binary version is read, cifar-10-binary.tar.gz
3|hundred.tar.gz||is CIFAR-100, which is not read
3|length.tar.gz||test_batch.bin: 3072 bytes are no multiple of 3073
3|cut.tar||s/cut.tar: the archive is cut short
3|cut.tar.gz||s/cut.tar.gz
3|no-end.tar||s/no-end.tar: the archive is cut short
3|more.tar||s/more.tar: other bytes follow the end of the archive: copy the file again
3|crc.tar.gz||s/crc.tar.gz: not a sound gzip file
3|length-of.tar.gz||s/length-of.tar.gz: not a sound gzip file
3|cut-end.tar.gz||s/cut-end.tar.gz: the compressed file is cut short
3|more.tar.gz||s/more.tar.gz: 4 bytes after the end of the compressed data
3|other.tar.gz||s/other.tar.gz: not a sound gzip file
3|sum.tar||s/sum.tar: entry 2 of the archive is damaged
3|liar.tar||s/liar.tar: more than
END_CASES

# ---- what a message says to type, whatever a folder is called ----

mkdir -p 'jpegs/b c' 'jpegs/d'
touch 'jpegs/b c/1.jpg'
message 3 "'mogrify -format png \"jpegs/b c\"/*.jpg'" 'a command names a folder with a space as one word' data import jpegs -o bad
mv 'jpegs/b c' "jpegs/a's \$b"
message 3 "'mogrify -format png \"jpegs/a's \\\$b\"/*.jpg'" 'and one with more' data import jpegs -o bad
cp -r keras 'd, e'
message 3 "'dataset: {name: idx, dir: \"d, e\"}'" 'YAML names a folder with a comma as one text' data import 'd, e' -o bad
run data make -o 'made, too' dataset.train_limit=200 dataset.test_limit=20 dataset.validation=5
prints 'dataset: {name: idx, dir: "made, too", validation: 5}' 'and so where a set was made'

message 2 'import: -o names the folder to write to' 'no -o' data import s/pets
message 2 'import: one source' 'no source' data import -o pets2
message 2 "descent data import \"my big pics\" -o FOLDER" 'spaces without quotes' data import my big pics -o pets2
message 2 "descent data import \"my pics\" -o FOLDER" 'a space without quotes' data import my pics -o pets2

# ---- the folder is new or empty, and whole ----

imports 'pictures again' s/pets pets
cp -r pets before
run data import s/split -o pets
{ [ "$code" -eq 2 ] && grep -qF 'pets is there already, and not empty; name another folder with -o' err && diff -r before pets >why; }
ok $? 'what is there stays'
mkdir empty
run data import s/pets -o empty/
same_sets pets empty 'an empty folder is filled'
run data import s/pets -o new/deep/er
{ [ "$code" -eq 0 ] && [ -f new/deep/er/classes.txt ]; }
ok $? 'a folder in new folders'
echo x >file
message 2 'file is there already' 'a file is no folder' data import s/pets -o file
mkdir locked
chmod 555 locked
if [ -w locked ]; then
    skip 'a folder that cannot be written' 'nothing is locked for this user'
else
    message 4 'locked' 'a folder that cannot be written' data import s/pets -o locked/new
fi
[ -z "$(find . -name '*.tmp')" ]
ok $? 'nothing half-written lies about'

"$python" "$(dirname "$sources")/stopped.py" "$descent" >stopped.txt 2>stopped.err
while read -r result title; do
    [ "$result" = ok ]
    ok $? "$title"
done <stopped.txt
[ "$(grep -c ok stopped.txt)" -eq 8 ] || cat stopped.err >why
[ "$(grep -c ok stopped.txt)" -eq 8 ]
ok $? 'imports that are stopped: all cases'

message 2 's/pets/set lies in s/pets, which is imported: name a folder outside of it with -o' '-o in the source' data import s/pets -o s/pets/set
message 2 's/pets/../pets/new/set lies in s/pets' '-o in the source, by another path' data import s/pets -o s/pets/../pets/new/set
ln -s s/pets linked
message 2 'linked/set lies in s/pets' '-o in the source, through a link' data import s/pets -o linked/set
message 2 's/pets lies in s/pets' '-o that is the source' data import s/pets -o s/pets
[ ! -e s/pets/set ] && [ ! -e s/pets/new ]
ok $? '... leaves nothing in it'
ends_with 0 '-o beside the source, of a longer name' data import s/pets -o s/pets-set

# ---- a picture in every class of its own brightness, there and back ----

"$python" - <<'END'
import os, struct, sys, zlib
sys.argv = ["", "none"]
chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
def png(width, height, rgb):
    rows = b"".join(b"\0" + bytes(rgb(x, y)[c] for x in range(width) for c in range(3)) for y in range(height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
for k, name in enumerate(["left", "right"]):
    os.makedirs("own/" + name)
    for i in range(30):
        inside = lambda x, y: 1 < y < 8 and 1 + 4 * k <= x < 5 + 4 * k
        open("own/%s/%d.png" % (name, i), "wb").write(png(10, 10, lambda x, y: (200 + i if inside(x, y) else 0,) * 3))
open("big.png", "wb").write(png(20, 20, lambda x, y: (250, 250, 250) if 3 < y < 16 and 10 <= x < 18 else (0, 0, 0)))
open("turned.png", "wb").write(png(10, 10, lambda x, y: (0, 0, 0) if 1 < y < 8 and 1 <= x < 5 else (255, 255, 255)))
open("red.png", "wb").write(png(30, 20, lambda x, y: (255, 0, 0) if 4 < y < 16 and 3 <= x < 14 else (0, 0, 0)))
END
imports 'own pictures' own set
cat >own.yaml <<'END'
dataset: {name: idx, dir: set}
model: {name: mlp, hidden: [8]}
train: {epochs: 20, batch_size: 8}
optimizer: {name: adam, lr: 0.01}
END
run run own.yaml -q -o run
{ [ "$code" -eq 0 ] && [ "$(tail -n 1 run/epochs.csv | cut -d, -f 14)" = 1 ]; }
ok $? 'are learnt, with a validation set that nobody asked for'
run data show set --no-plots
{ [ "$code" -eq 0 ] && grep -q '  left$' out && [ -s set/classes.csv ]; }
ok $? 'data show of their folder knows their names'
run data show set --format svg
{ [ "$code" -eq 0 ] && [ "$(grep -o '>right<' set/classes.svg | wc -l)" -ge 4 ]; }
ok $? '... and its figure of the classes has them on each axis'
output '1 6 1.0000 1.0000 1.0000 right' 'eval too' eval run

message 3 "set holds data and no run: 'descent data list set' shows what" 'inspect of data' inspect set
cp set/classes.txt class-names
run data show set --no-plots -o shown
cp shown/classes.csv wanted.csv
printf '\357\273\277' | cat - class-names >set/classes.txt
run data show set --no-plots -o shown-bom
{ [ "$code" -eq 0 ] && cmp shown-bom/classes.csv wanted.csv; } >why 2>&1
ok $? 'a BOM before the names of classes is skipped'
printf 'left\n' >set/classes.txt
run data show set --no-plots -o shown-few
{ [ "$code" -eq 0 ] && grep -q 'warning: set/classes.txt names 1 classes, and there are 2: the names are not used' err; }
ok $? 'too few names are said to be so'
printf 'left\0x\nright\n' >set/classes.txt
message 3 'set/classes.txt is no text: it names a class a line' 'names with a zero byte' data show set --no-plots -o shown-nul
cp class-names set/classes.txt

run eval run --image big.png
{ [ "$code" -eq 0 ] && tr -s ' ' <out | grep -A 1 'class probability' | grep -q '^ 1 [19][0-9.]* % right'; }
ok $? 'eval --image: what the model sees'
prints 'big.png: 20 x 20, seen as 10 x 10' '... in what'
prints 'resized: a pixel is the mean of what it covers' '... and that it was resized'
LC_ALL=C "$descent" eval run --image big.png >out 2>err </dev/null
sed -n 2p out | grep -qx '     @@@@ ' && sed -n 1p out | grep -qx ' *'
ok $? '... drawn'
output 'its edges are light (mean 255 of 255), those of the training images dark (0): --invert turns it' 'a picture that is inverted' eval run --image turned.png
run eval run --image turned.png --invert
{ [ "$code" -eq 0 ] && tr -s ' ' <out | grep -A 1 'class probability' | grep -q '^ 0 [19][0-9.]* % left' && ! grep -q 'edges' out; }
ok $? '... and turned'
output 'red.png: 30 x 20 in colour, seen as 10 x 10' 'a colour picture' eval run --image red.png
prints 'made grey: 0.299 red + 0.587 green + 0.114 blue' '... is made grey'
prints 'stretched, since its sides have another ratio' '... and stretched'
for change in dataset.scale=standard dataset.scale=image model.sparse_input=off model.sparse_input=on average='{name: ema, decay: 0.9}'; do
    rm -rf other
    run run own.yaml -q -o other "$change"
    run eval other --image big.png
    { [ "$code" -eq 0 ] && tr -s ' ' <out | grep -A 1 'class probability' | grep -q '^ 1 [16-9][0-9.]* % right'; }
    ok $? "eval --image with $change"
done
# The image's own number among the test images says the same.
run eval run --predictions p.csv
"$python" - set/t10k-images-idx3-ubyte 7 <<'END'
import struct, sys, zlib
data = open(sys.argv[1], "rb").read()[16:]
pixels = data[100 * int(sys.argv[2]):][:100]
chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
rows = b"".join(b"\0" + pixels[10 * y:10 * y + 10] for y in range(10))
open("seven.png", "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 10, 10, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
END
run eval run --image seven.png
{ [ "$code" -eq 0 ] && [ "$(tr -s ' ' <out | grep -A 1 'class probability' | tail -n 1 | cut -d ' ' -f 2)" = "$(sed -n 9p p.csv | cut -d, -f 3)" ] && ! grep -q resized out; }
ok $? 'a test image as a picture'

imports 'CIFAR-10 again' s/cifar.tar.gz colours
cat >colours.yaml <<'END'
dataset: {name: idx, dir: colours, scale: channel, validation: 0}
model: {name: layers, layers: [{conv: {out: 4, kernel: 3}}, relu, {max_pool: 4}, flatten, {linear: 10}]}
train: {epochs: 1, batch_size: 5}
optimizer: {name: sgd, lr: 0.01}
END
ends_with 0 'colour images are trained on' run colours.yaml -q -o colours-run
output 'red.png: 30 x 20 in colour, seen as 32 x 32 in colour' 'eval --image of a colour model' eval colours-run --image red.png
run eval colours-run --image big.png
{ [ "$code" -eq 0 ] && [ "$(grep -c ' %' out)" -eq 10 ]; }
ok $? '... of a grey picture, every class'
while IFS='|' read -r want words text; do
    # shellcheck disable=SC2086 # words
    run eval $words
    says "$want" "$text" "eval $words"
done <<'END_CASES'
3|run --image missing.png|missing.png
3|run --image s/cut/b/2.png|s/cut/b/2.png is not a valid PNG
3|run --image own.yaml|own.yaml is no PNG, whatever its name
2|run other --image big.png|'--image' is one picture for one model
2|run --image big.png --split valid|'--image' is one picture for one model
2|run --invert|'--invert' is of a picture that '--image' names
END_CASES

# ---- one picture in every form that PNG has ----

mkdir odd
"$python" - <<'END'
import struct, zlib
chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]

def rows(width, height, depth, pixel, x0=0, y0=0, dx=1, dy=1):
    for y in range(y0, height, dy):
        bits, n = 0, 0
        for x in range(x0, width, dx):
            for v in pixel(x, y):
                bits, n = bits << depth | v, n + depth
        if n:
            yield b"\0" + (bits << -n % 8).to_bytes((n + 7) // 8, "big")

def png(name, depth, kind, pixel, width=20, height=20, interlaced=False, before=b"", cut=None):
    passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
    data = b"".join(row for x0, y0, dx, dy in passes for row in rows(width, height, depth, pixel, x0, y0, dx, dy))
    whole = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced)) + before +
             chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))
    with open("odd/" + name + ".png", "wb") as file:
        file.write(whole[:cut])

def on(x, y, width=20, height=20):
    return 0.2 < (y + 0.5) / height < 0.8 and 0.5 <= (x + 0.5) / width < 0.9

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
png("grey", 8, GREY, lambda x, y: [255 * on(x, y)])
for depth in (1, 2, 4, 16):
    png("grey-%d" % depth, depth, GREY, lambda x, y: [(2**depth - 1) * on(x, y)])
    png("grey-%d-interlaced" % depth, depth, GREY, lambda x, y: [(2**depth - 1) * on(x, y)], interlaced=True)
for depth in (1, 2, 4, 8):
    png("palette-%d" % depth, depth, PALETTE, lambda x, y: [on(x, y)], before=chunk(b"PLTE", bytes([0, 0, 0, 255, 255, 255])))
png("palette-transparent", 8, PALETTE, lambda x, y: [on(x, y)],
    before=chunk(b"PLTE", bytes([0, 0, 0, 9, 99, 200])) + chunk(b"tRNS", bytes([255, 0])))
png("rgb", 8, RGB, lambda x, y: [255 * on(x, y)] * 3)
png("rgb-interlaced", 8, RGB, lambda x, y: [255 * on(x, y)] * 3, interlaced=True)
png("rgb-16", 16, RGB, lambda x, y: [65535 * on(x, y)] * 3)
png("grey-alpha", 8, GREY_ALPHA, lambda x, y: [0, 0 if on(x, y) else 255])
png("grey-alpha-16", 16, GREY_ALPHA, lambda x, y: [0, 0 if on(x, y) else 65535])
png("rgba", 8, RGBA, lambda x, y: [1, 2, 3, 0] if on(x, y) else [0, 0, 0, 255])
png("rgba-16-interlaced", 16, RGBA, lambda x, y: [1, 2, 3, 0] if on(x, y) else [0, 0, 0, 65535], interlaced=True)
png("grey-keyed", 8, GREY, lambda x, y: [7 if on(x, y) else 0], before=chunk(b"tRNS", struct.pack(">H", 7)))
png("large", 1, GREY, lambda x, y: [on(x, y, 5000, 5000)], 5000, 5000)
png("one", 8, GREY, lambda x, y: [255], 1, 1)
png("line", 8, GREY, lambda x, y: [255], 3000, 1)
png("no-width", 8, GREY, lambda x, y: [255], 0, 5)
png("cut", 8, RGB, lambda x, y: [255] * 3, cut=60)
png("no-palette", 8, PALETTE, lambda x, y: [1])
png("depth", 3, GREY, lambda x, y: [1])
with open("odd/claims.png", "wb") as file: # a head that claims ten thousand million pixels
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 100000, 100000, 8, 0, 0, 0, 0)) +
               chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b""))
with open("odd/signature.png", "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n")
with open("odd/nothing.png", "wb"):
    pass
END
said() { # what the model says of it
    grep -A 3 '^class  probability' out
}
run eval run --image odd/grey.png
said >expected
grep -q '^ *1 .* % *right' expected
ok $? 'a picture in grey'
for kind in grey-1 grey-2 grey-4 grey-16 grey-1-interlaced grey-2-interlaced grey-4-interlaced grey-16-interlaced palette-1 palette-2 palette-4 \
    palette-8 palette-transparent rgb rgb-interlaced rgb-16 grey-alpha grey-alpha-16 rgba rgba-16-interlaced grey-keyed large; do
    run eval run --image "odd/$kind.png"
    { [ "$code" -eq 0 ] && said | cmp -s - expected; }
    ok $? "... and as $kind: the same answer"
done
for kind in one line; do
    run eval run --image "odd/$kind.png"
    { [ "$code" -eq 0 ] && said | grep -q '%'; }
    ok $? "a picture of $kind: an answer"
done
ln -s grey.png odd/link.png
run eval run --image odd/link.png
{ [ "$code" -eq 0 ] && said | cmp -s - expected; }
ok $? 'through a link'
ln -s nowhere odd/dangling.png
mkfifo odd/fifo.png
mkdir odd/folder.png
while IFS='|' read -r path text; do
    run eval run --image "$path"
    says 3 "$text" "eval --image $path: an error"
done <<'END_CASES'
odd/cut.png|odd/cut.png is not a valid PNG
odd/no-width.png|odd/no-width.png is not a valid PNG
odd/no-palette.png|odd/no-palette.png is not a valid PNG
odd/depth.png|odd/depth.png is not a valid PNG
odd/claims.png|odd/claims.png is not a valid PNG
odd/signature.png|odd/signature.png is not a valid PNG
odd/nothing.png|odd/nothing.png is no PNG
odd/dangling.png|odd/dangling.png
odd/fifo.png|odd/fifo.png
odd/folder.png|odd/folder.png
/dev/zero|/dev/zero
END_CASES

plan
