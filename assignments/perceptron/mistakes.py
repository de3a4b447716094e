"""Known mistakes: what students really write, and what to say of it.

Each is named by what the function does, not by how it is written. The sentence for the student leads on, and leaves
the last step to them.
"""

import numpy as np

from autograder.judge import mistake


def step(z):
    return np.where(np.asarray(z) >= 0, 1, 0)


def forward(x, w, b):
    return step(x @ w + b)


# --- step ------------------------------------------------------------------------------------------------------------


@mistake(
    "step",
    student="Which side of the boundary does z = 0 belong to? Read the definition once more.",
    instructor="Uses > in place of ≥: 0 itself gives 0.",
)
def fires_above_zero_only(z):
    return np.where(np.asarray(z) > 0, 1, 0)


@mistake(
    "step",
    student="Try one positive and one negative number by hand: which of them should fire?",
    instructor="The two answers are changed over: 0 where z ≥ 0, else 1.",
)
def fires_on_the_wrong_side(z):
    return np.where(np.asarray(z) >= 0, 0, 1)


@mistake(
    "step",
    student="Try one positive and one negative number by hand, and then 0: each should fire or not by the definition.",
    instructor="Uses ≤ in place of ≥: only 0 itself comes out right.",
)
def fires_up_to_zero(z):
    return np.where(np.asarray(z) <= 0, 1, 0)


@mistake(
    "step",
    student="Which two values does this step take? Compare with the values of y.",
    instructor="Gives −1 and +1 in place of 0 and 1, +1 at 0.",
)
def bipolar(z):
    return np.where(np.asarray(z) >= 0, 1, -1)


@mistake(
    "step",
    student="How many different values can your step give, and how many should there be?",
    instructor="Is np.sign: −1, 0 and +1.",
)
def sign(z):
    return np.sign(z)


@mistake(
    "step",
    student="There is nothing in between: what does the definition say of z = 0 exactly?",
    instructor="Gives one half at 0, as np.heaviside(z, 0.5) does.",
)
def half_at_zero(z):
    return np.heaviside(z, 0.5)


@mistake(
    "step",
    student="Is your function flat on both sides of 0, with a jump between them, as in the picture?",
    instructor="Is the sigmoid, a smooth curve.",
)
def sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z)))


@mistake(
    "step",
    student="Large z should give the same as small positive z. What does yours give for z = 1000?",
    instructor="Is the rectifier max(0, z).",
)
def rectifier(z):
    return np.maximum(z, 0)


@mistake(
    "step",
    student="Your function hands z on. Where does it decide?",
    instructor="Gives z itself back.",
)
def hands_z_on(z):
    return z


@mistake(
    "step",
    student="At which z does the jump in the picture lie?",
    instructor="Jumps at 1 in place of 0, as if z were a label.",
)
def jumps_at_one(z):
    return np.where(np.asarray(z) >= 1, 1, 0)


@mistake(
    "step",
    student="At which z does the jump in the picture lie?",
    instructor="Jumps at one half in place of 0, as one would with a probability.",
)
def jumps_at_one_half(z):
    return np.where(np.asarray(z) >= 0.5, 1, 0)


@mistake(
    "step",
    student="What does your condition give for a whole array? Python's if wants one answer.",
    instructor="Works on single numbers only: if and else on an array raise ValueError.",
)
def numbers_only(z):
    if z >= 0:
        return 1
    return 0


@mistake(
    "step",
    student="z may be a single number, too. What has an array that a number has not?",
    instructor="Works on arrays only: takes z apart by index, which a number does not allow.",
)
def arrays_only(z):
    result = np.zeros(z.shape) if isinstance(z, np.ndarray) else np.zeros(len(z))
    result[z >= 0] = 1
    return result


@mistake(
    "step",
    student="Each element of an array has an answer of its own. How many does yours give?",
    instructor="Gives one answer for a whole array: 1 where all elements are ≥ 0.",
)
def all_or_nothing(z):
    return 1 if np.all(np.asarray(z) >= 0) else 0


@mistake(
    "step",
    student="Each element of an array has an answer of its own. How many does yours give?",
    instructor="Gives one answer for a whole array: 1 where any element is ≥ 0.",
)
def any_will_do(z):
    return 1 if np.any(np.asarray(z) >= 0) else 0


@mistake(
    "step",
    student="For a single number, which shape has your answer?",
    instructor="Gives an array of one in place of a number, as np.atleast_1d does.",
)
def step_gives_arrays_of_one(z):
    return np.where(np.atleast_1d(z) >= 0, 1, 0)


@mistake(
    "step",
    student="What comes out should have the shape of what went in: look at an array with two dimensions.",
    instructor="Gives a flat row of answers, also for a table.",
)
def flattens(z):
    return np.array([1 if value >= 0 else 0 for value in np.ravel(z)]) if np.ndim(z) else (1 if z >= 0 else 0)


@mistake(
    "step",
    student="What does your function do for a row of a table? Python's if wants one answer.",
    instructor="Loops over the first dimension only: for a table, if is asked of a row and raises ValueError.",
)
def one_dimension_only(z):
    if np.ndim(z) == 0:
        return 1 if z >= 0 else 0
    return np.array([1 if value >= 0 else 0 for value in z])


@mistake(
    "step",
    student="The caller still needs z. What is in it after your function has run?",
    instructor="Writes its answers into the caller's array.",
)
def writes_into_z(z):
    if np.ndim(z) == 0:
        return 1 if z >= 0 else 0
    z[:] = np.where(z >= 0, 1, 0)
    return z


@mistake(
    "step",
    student="What does a number like -0.5 become before you compare it?",
    instructor="Cuts z to a whole number first, so that what is just below 0 counts as 0.",
)
def cuts_to_whole_numbers(z):
    return np.where(np.trunc(z) >= 0, 1, 0)


@mistake(
    "step",
    student="What does a number like -0.25 become before you compare it?",
    instructor="Rounds z to the nearest whole number first, so that what is just below 0 counts as 0.",
)
def rounds_to_whole_numbers(z):
    return np.where(np.round(z) >= 0, 1, 0)


@mistake(
    "step",
    student="What does a number like -0.5 become before you compare it, and what a very large one?",
    instructor="Turns z into integers first: just below 0 counts as 0, and what is too large for them as negative.",
)
def turns_into_integers(z):
    return np.where(np.asarray(z).astype(int) >= 0, 1, 0)


@mistake(
    "step",
    student="What does yours give for z = 0? If it goes by a curve such as the sigmoid, that is where it is one half.",
    instructor="Decides by the sigmoid, rounded or compared by >, so that one half, at 0, goes to 0.",
)
def decides_by_the_sigmoid(z):
    return np.round(1 / (1 + np.exp(-np.asarray(z))))


@mistake(
    "step",
    student="What does yours give for z = 0.5? Is there anything between 0 and 1 in the picture?",
    instructor="Cuts z off at 0 and at 1, and leaves it as it is between them.",
)
def ramp(z):
    return np.clip(z, 0, 1)


@mistake(
    "step",
    student="How near to 0 may z be and still be negative?",
    instructor="Takes what is close to 0 as 0, by np.isclose or a tolerance.",
)
def tolerates_what_is_close(z):
    return np.where((np.asarray(z) > 0) | np.isclose(z, 0), 1, 0)


@mistake(
    "step",
    student="How near to 0 may z be and still be negative? Try -0.00001.",
    instructor="Rounds to a few decimals first, or has a tolerance of about as much.",
)
def rounds_to_a_few_decimals(z):
    return np.where(np.round(z, 4) >= 0, 1, 0)


@mistake(
    "step",
    student="How near to 0 may z be and still be negative? There is no smallest such number that counts.",
    instructor="Takes as 0 what is as small as rounding errors are, by a tolerance of 1e-10 or so.",
)
def tolerates_rounding_errors(z):
    return np.where(np.asarray(z) >= -1e-10, 1, 0)


@mistake(
    "step",
    student="Your answer is on the screen, but the caller gets none. How does a function hand its answer over?",
    instructor="Prints its answer in place of returning it.",
)
def step_prints(z):
    print(np.where(np.asarray(z) >= 0, 1, 0))


@mistake(
    "step",
    student="Does your answer depend on z at all?",
    instructor="Gives 1, whatever z is.",
)
def always_fires(z):
    return np.ones(np.shape(z))


@mistake(
    "step",
    student="Does your answer depend on z at all?",
    instructor="Gives 0, whatever z is.",
)
def never_fires(z):
    return np.zeros(np.shape(z))


# --- forward ---------------------------------------------------------------------------------------------------------


@mistake(
    "forward",
    student="The last thing that forward does is still missing: what turns the sum into a prediction?",
    instructor="Gives the raw sum x·w + b, without step.",
)
def raw_sum(x, w, b):
    return x @ w + b


@mistake(
    "forward",
    student="Which of the three arguments does your sum not use?",
    instructor="Leaves the bias out.",
)
def forgets_the_bias(x, w, b):
    return step(x @ w)


@mistake(
    "forward",
    student="Look at the sign before the bias in the formula.",
    instructor="Subtracts the bias.",
)
def subtracts_the_bias(x, w, b):
    return step(x @ w - b)


@mistake(
    "forward",
    student="In which order do the sum, the bias and step come? Read the formula from the inside out.",
    instructor="Adds the bias after step.",
)
def bias_after_step(x, w, b):
    return step(x @ w) + b


@mistake(
    "forward",
    student="A product for each feature is not yet a sum. What does x·w stand for?",
    instructor="Multiplies feature by feature and does not add up: an array where a number is due.",
)
def products_without_the_sum(x, w, b):
    return step(x * w + b)


@mistake(
    "forward",
    student="For a batch, along which direction does the sum run?",
    instructor="Adds everything up, over the samples of a batch too: one number for the whole batch.",
)
def sums_over_the_batch(x, w, b):
    return step(np.sum(x * w) + b)


@mistake(
    "forward",
    student="For a batch, there is one prediction for each row. Along which direction does your sum run?",
    instructor="Adds up along the first axis: right for one sample, one answer for each feature of a batch.",
)
def sums_along_the_wrong_axis(x, w, b):
    return step(np.sum(x * w, axis=0) + b)


@mistake(
    "forward",
    student="x·w and w·x are the same for one sample. Are they for a batch? Compare the shapes.",
    instructor="Multiplies in the other order, w @ x: wrong or impossible for a batch.",
)
def transposed(x, w, b):
    return step(w @ x + b)


@mistake(
    "forward",
    student="x may also have one row for each of several samples. Which number is your loop counting?",
    instructor="Written for one sample: counts over len(x) with single numbers, and fails for a batch.",
)
def one_sample_only(x, w, b):
    total = b
    for i in range(len(w)):
        total += float(x[i]) * float(w[i])
    return step(total)


@mistake(
    "forward",
    student="x may also be one sample by itself, without rows. What does your loop run over then?",
    instructor="Written for a batch: loops over rows, and fails for one sample.",
)
def batch_only(x, w, b):
    return np.array([int(step(sum(x[i, j] * w[j] for j in range(len(w))) + b)) for i in range(len(x))])


@mistake(
    "forward",
    student="A batch of one row is still a batch. What shape should the answer have?",
    instructor="Drops dimensions of size 1: a batch of one gives a number.",
)
def squeezes_a_batch_of_one(x, w, b):
    return np.squeeze(step(x @ w + b))


@mistake(
    "forward",
    student="For a single sample, which shape has your prediction?",
    instructor="Gives an array of one in place of a number for one sample, as np.atleast_2d(x) does.",
)
def forward_gives_arrays_of_one(x, w, b):
    return step(np.atleast_2d(x) @ w + b)


@mistake(
    "forward",
    student="How many features does your formula know of? There may be more, or fewer.",
    instructor="Writes out two features by index.",
)
def two_features_only(x, w, b):
    x = np.asarray(x)
    return step(x[..., 0] * w[0] + x[..., 1] * w[1] + b)


@mistake(
    "forward",
    student="How often does the bias count, and how often each product? Work an example with two features through.",
    instructor="Takes the mean of the products in place of their sum, or adds the bias once for each feature.",
)
def mean_of_the_products(x, w, b):
    return step(np.mean(x * w, axis=-1) + b)


@mistake(
    "forward",
    student="Does every weight get its own feature? Look at which end each begins.",
    instructor="Adds the features up first and multiplies by the sum of the weights.",
)
def sum_times_sum(x, w, b):
    return step(np.sum(x, axis=-1) * np.sum(w) + b)


@mistake(
    "forward",
    student="The weights may be negative. What does your formula do with their sign?",
    instructor="Uses the absolute values of the weights.",
)
def weights_without_sign(x, w, b):
    return step(x @ np.abs(w) + b)


@mistake(
    "forward",
    student="What would your function give with other weights? It should use those that it is given.",
    instructor="Knows the truth table of AND, and does not look at w and b.",
)
def knows_the_table_of_and(x, w, b):
    x = np.asarray(x)
    return step(x[..., 0] + x[..., 1] - 1.5)


@mistake(
    "forward",
    student="Your answer is on the screen, but the caller gets none. How does a function hand its answer over?",
    instructor="Prints its prediction in place of returning it.",
)
def forward_prints(x, w, b):
    print(step(x @ w + b))


# --- update ----------------------------------------------------------------------------------------------------------


@mistake(
    "update",
    student="After a missed positive, should the sum for this sample grow or shrink? Work the example through by hand.",
    instructor="The sign of the error is turned, prediction minus y: learns away from the answer.",
)
def error_turned(w, b, x, y, lr):
    error = forward(x, w, b) - y
    return w + lr * error * x, b + lr * error


@mistake(
    "update",
    student="Which argument says how far a step goes? Does it have a say in both results?",
    instructor="Forgets the learning rate, in the weights and in the bias.",
)
def forgets_the_learning_rate(w, b, x, y, lr):
    error = y - forward(x, w, b)
    return w + error * x, b + error


@mistake(
    "update",
    student="Does the learning rate have a say in both results?",
    instructor="Forgets the learning rate in the bias only.",
)
def bias_without_learning_rate(w, b, x, y, lr):
    error = y - forward(x, w, b)
    return w + lr * error * x, b + error


@mistake(
    "update",
    student="Does the learning rate have a say in both results?",
    instructor="Forgets the learning rate in the weights only.",
)
def weights_without_learning_rate(w, b, x, y, lr):
    error = y - forward(x, w, b)
    return w + error * x, b + lr * error


@mistake(
    "update",
    student="What happens when the caller asks for another learning rate?",
    instructor="Uses the page's own learning rate 0.5, a global or a constant, in place of the argument.",
)
def fixed_learning_rate(w, b, x, y, lr):
    error = y - forward(x, w, b)
    return w + 0.5 * error * x, b + 0.5 * error


@mistake(
    "update",
    student="Two things are learned. Which of them stays as it was?",
    instructor="Leaves the bias as it is.",
)
def bias_never_learns(w, b, x, y, lr):
    error = y - forward(x, w, b)
    return w + lr * error * x, b


@mistake(
    "update",
    student="Two things are learned. Which of them stays as it was?",
    instructor="Leaves the weights as they are.",
)
def weights_never_learn(w, b, x, y, lr):
    error = y - forward(x, w, b)
    return w, b + lr * error


@mistake(
    "update",
    student="Should every weight move by the same amount? Look at what each one is multiplied with.",
    instructor="Forgets x in the change of the weights.",
)
def forgets_x(w, b, x, y, lr):
    error = y - forward(x, w, b)
    return w + lr * error, b + lr * error


@mistake(
    "update",
    student="In which order are the two results due?",
    instructor="Returns the bias first.",
)
def results_in_the_wrong_order(w, b, x, y, lr):
    error = y - forward(x, w, b)
    return b + lr * error, w + lr * error * x


@mistake(
    "update",
    student="The caller wants the new weights. What is it that you hand over?",
    instructor="Returns the changes, without the old weights and bias.",
)
def changes_only(w, b, x, y, lr):
    error = y - forward(x, w, b)
    return lr * error * x, lr * error


@mistake(
    "update",
    student="After your function has run, what is in the array that it was given? Its owner still needs it.",
    instructor="Changes the caller's weights in place, by +=.",
)
def changes_w_in_place(w, b, x, y, lr):
    error = y - forward(x, w, b)
    w += lr * error * x
    b += lr * error
    return w, b


@mistake(
    "update",
    student="There are two ways to be wrong. What does yours do where 1 was predicted and 0 is right?",
    instructor="Learns from missed positives only.",
)
def learns_upwards_only(w, b, x, y, lr):
    error = max(y - float(forward(x, w, b)), 0.0)
    return w + lr * error * x, b + lr * error


@mistake(
    "update",
    student="There are two ways to be wrong. What does yours do where 0 was predicted and 1 is right?",
    instructor="Learns from false positives only.",
)
def learns_downwards_only(w, b, x, y, lr):
    error = min(y - float(forward(x, w, b)), 0.0)
    return w + lr * error * x, b + lr * error


@mistake(
    "update",
    student="Is it the same whether the prediction was too high or too low?",
    instructor="Uses the size of the error, without its sign (or its square).",
)
def error_without_sign(w, b, x, y, lr):
    error = abs(y - forward(x, w, b))
    return w + lr * error * x, b + lr * error


@mistake(
    "update",
    student="Is the error the distance to the sum, or to the prediction?",
    instructor="Takes the raw sum for the prediction: error = y − (x·w + b).",
)
def error_of_the_raw_sum(w, b, x, y, lr):
    error = y - (x @ w + b)
    return w + lr * error * x, b + lr * error


@mistake(
    "update",
    student="What should change where the prediction was right already?",
    instructor="Uses y in place of the error: changes also what was right, and never learns from a 0.",
)
def target_for_error(w, b, x, y, lr):
    return w + lr * y * x, b + lr * y


@mistake(
    "update",
    student="What should change where the prediction was right already? Use the values that y really takes.",
    instructor="Takes y for −1 and +1: error = (2y − 1) − prediction.",
)
def bipolar_target(w, b, x, y, lr):
    error = 2 * y - 1 - forward(x, w, b)
    return w + lr * error * x, b + lr * error


@mistake(
    "update",
    student="Which of the two signs is due in front of the bias's change?",
    instructor="Subtracts the change of the bias.",
)
def bias_the_other_way(w, b, x, y, lr):
    error = y - forward(x, w, b)
    return w + lr * error * x, b - lr * error


@mistake(
    "update",
    student="The bias is one number. What has x to do with how it changes?",
    instructor="Multiplies the change of the bias by x as well: a bias for each feature.",
)
def bias_times_x(w, b, x, y, lr):
    error = y - forward(x, w, b)
    return w + lr * error * x, b + lr * error * x


@mistake(
    "update",
    student="With which weights was the prediction made that the bias's change goes by?",
    instructor="Predicts anew with the changed weights before it changes the bias.",
)
def predicts_again_for_the_bias(w, b, x, y, lr):
    w = w + lr * (y - forward(x, w, b)) * x
    b = b + lr * (y - forward(x, w, b))
    return w, b


@mistake(
    "update",
    student="How often should one example change the weights in one call?",
    instructor="Repeats the change until the prediction is right.",
)
def repeats_until_right(w, b, x, y, lr):
    for _ in range(1000):
        error = y - forward(x, w, b)
        if error == 0:
            break
        w, b = w + lr * error * x, b + lr * error
    return w, b


@mistake(
    "update",
    student="What happens to your function when the weights that it is given are not zero?",
    instructor="Starts from zero weights and bias in place of those it is given.",
)
def starts_from_zero(w, b, x, y, lr):
    w, b = np.zeros(len(w)), 0.0
    error = y - forward(x, w, b)
    return w + lr * error * x, b + lr * error


@mistake(
    "update",
    student="How many features does your formula know of? There may be more, or fewer.",
    instructor="Writes out two features by index.",
)
def updates_two_features_only(w, b, x, y, lr):
    error = float(y - forward(x, w, b))
    return np.array([w[0] + lr * error * x[0], w[1] + lr * error * x[1]]), b + lr * error


@mistake(
    "update",
    student="Which shape has your new bias, and which the one that was handed in?",
    instructor="Gives a bias that is an array of one in place of a number.",
)
def bias_is_an_array_of_one(w, b, x, y, lr):
    error = y - forward(x, w, b)
    return w + lr * error * x, np.atleast_1d(b + lr * error)


@mistake(
    "update",
    student="Are all digits of the new weights there? The change may be smaller than 1.",
    instructor="Cuts the new weights to whole numbers.",
)
def cuts_weights_to_whole_numbers(w, b, x, y, lr):
    error = y - forward(x, w, b)
    return (w + lr * error * x).astype(int), int(b + lr * error)


@mistake(
    "update",
    student="Your answer is on the screen, but the caller gets none. How does a function hand its answer over?",
    instructor="Prints the new weights and bias in place of returning them.",
)
def update_prints(w, b, x, y, lr):
    error = y - forward(x, w, b)
    print(w + lr * error * x, b + lr * error)
