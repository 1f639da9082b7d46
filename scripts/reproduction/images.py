"""Networks of images: Caffe's LeNet, Keras's convnet, PyTorch's example, DeepOBS's test problems, and CIFAR-10."""

from core import at_epoch, holds, near
from study import PAPERS, study


def percent(folder, epoch, column):
    return at_epoch(folder, epoch, column).times(100)


@study("caffe-lenet", "Caffe's LeNet, MNIST, test accuracy %", 4)
def caffe_lenet(bench):
    folder = bench.sweep(PAPERS + "caffe-lenet.yaml", "lenet", "sweep.seeds=[1,2,3]")
    ours = percent(folder, -1, "test_accuracy")
    return [holds("after 10,000 updates", "98.97", ours.text(2), ours.mean >= 98.9, within="98.9 or more")]


@study("keras-convnet", "Keras's simple convnet, MNIST, accuracy %", 8)
def keras_convnet(bench):
    folder = bench.sweep(PAPERS + "keras-convnet.yaml", "convnet", "sweep.seeds=[1,2,3]")
    rows = [near(f"validation after epoch {epoch}", published, percent(folder, epoch, "valid_accuracy"), 0.5 if epoch < 3 else 0.3)
            for epoch, published in ((1, 97.80), (2, 98.43), (3, 98.77), (5, 98.90), (10, 99.20))]
    return [*rows, near("test after 15 epochs", 99.22, percent(folder, -1, "test_accuracy"), 0.2)]


@study("pytorch-mnist", "PyTorch's MNIST example, test accuracy %", 8, full=24)
def pytorch_mnist(bench):
    seeds = "[1,2,3]" if bench.full else "[1]"
    folder = bench.sweep(PAPERS + "pytorch-mnist-example.yaml", "example", f"sweep.seeds={seeds}")
    return [near("after 14 epochs", 99.15, percent(folder, -1, "test_accuracy"), 0.15)]


@study("deepobs-2c2d", "DeepOBS fmnist_2c2d, Adam, test accuracy %", 15, full=150)
def deepobs_2c2d(bench):
    thinner = ["sweep.seeds=[1,2,3]"] if bench.full else ["sweep.seeds=[1,2,3]", "train.epochs=10"]
    folder = bench.sweep(PAPERS + "deepobs-2c2d.yaml", "adam", *thinner)
    points = ((1, 86.6, 1.5), (5, 89.9, 0.8), (10, 91.0, 0.6), (100, 91.1, 0.6))
    return [near(f"after epoch {epoch}", published, percent(folder, epoch, "test_accuracy"), within)
            for epoch, published, within in points if bench.full or epoch <= 10]


# ---- CIFAR-10: copies in JPEG make figures lower; the bounds below are for the original ----

@study("deepobs-3c3d", "DeepOBS cifar10_3c3d, Adam, test accuracy %", 20, full=180)
def deepobs_3c3d(bench):
    thinner = ["sweep.seeds=[1,2,3]"] if bench.full else ["sweep.seeds=[1,2,3]", "train.epochs=10"]
    folder = bench.sweep(PAPERS + "deepobs-3c3d.yaml", "adam", *thinner)
    points = ((1, 55.8, 5), (5, 71.6, 3), (10, 75.4, 2), (20, 78.2, 2), (100, 82.5, 1.5))
    return [near(f"after epoch {epoch}", published, percent(folder, epoch, "test_accuracy"), within)
            for epoch, published, within in points if bench.full or epoch <= 10]


@study("smith2015", "Smith 2015, triangular, test accuracy %", 90)
def smith2015(bench):
    folder = bench.sweep(PAPERS + "smith2015.yaml", "triangular", "sweep.seeds=[1,2,3]")
    return [near(f"after {500 * epoch:,} updates", published, percent(folder, epoch, "test_accuracy"), within)
            for epoch, published, within in ((40, 75.9, 1.5), (48, 76.8, 1.5), (56, 77.0, 1.5))]


ADABELIEF = {  # test accuracy after epochs 1, 3, 5 and 10, and the authors' settings
    "adabelief": ((36.9, 62.0, 70.7, 81.7), "{name: adabelief, lr: 0.001, eps: 1e-8, decoupled: false, weight_decay: 0.0005}"),
    "adam": ((23.2, 49.6, 63.3, 74.0), "{name: adam, lr: 0.001, weight_decay: 0.0005}"),
    "sgd": ((19.9, 44.5, 56.2, 68.0), "{name: momentum, lr: 0.1, momentum: 0.9, weight_decay: 0.0005}"),
    "adabound": ((22.0, 36.3, 49.0, 72.0), "{name: adabound, lr: 0.001, final_lr: 0.1, gamma: 0.001, weight_decay: 0.0005}"),
    "msvag": ((27.3, 49.1, 59.9, 73.3), "{name: msvag, lr: 0.1, beta: 0.9, weight_decay: 0.0005}"),
    "fromage": ((32.8, 56.5, 63.9, 74.6), "{name: fromage, lr: 0.01}"),
    "yogi": ((37.4, 62.8, 72.5, 80.8), "{name: yogi, lr: 0.001, eps: 0.001, weight_decay: 0.0005}"),
    "adamw": ((32.1, 56.1, 69.8, 76.6), "{name: adamw, lr: 0.001, weight_decay: 0.01}"),
    # Theirs shrinks the weights by 5e-7 an update, which is left out.
    "radam": ((43.0, 63.5, 74.2, 79.2), "{name: radam, lr: 0.001}"),
}


def adabelief2020(name, published, optimizer):
    """One curve of the figure: each is a study of its own, as it takes an hour."""

    @study(f"vgg11-{name}", f"Zhuang 2020, {name}, test accuracy %", 60, full=180)
    def curve(bench):
        seeds = "[1,2,3]" if bench.full else "[1]"
        folder = bench.sweep(PAPERS + "adabelief2020.yaml", name, f"optimizer={optimizer}", f"sweep.seeds={seeds}")
        return [near(f"after epoch {epoch}", value, percent(folder, epoch, "test_accuracy"), 10 if epoch < 5 else 4, 1, False)
                for epoch, value in zip((1, 3, 5, 10), published)]


for curve_of, (values, settings) in ADABELIEF.items():
    adabelief2020(curve_of, values, settings)


@study("resnet20", "He et al. 2015, ResNet-20, test error %", 240)
def resnet20(bench):
    folder = bench.sweep(PAPERS + "resnet20.yaml", "resnet20", "sweep.seeds=[1]")
    error = 100 - percent(folder, -1, "test_accuracy").mean
    return [holds("after 64,000 updates", "8.75", f"{error:.2f}", abs(error - 8.75) <= 0.7, within="± 0.7")]
